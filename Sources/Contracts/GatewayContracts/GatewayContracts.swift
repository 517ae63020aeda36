// What schemac generates from sarai.gateway. Nothing is written here by hand; a target with
// a build-tool plugin needs one file of its own.
