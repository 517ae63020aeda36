// What schemac generates from Proto/: messages, clients and service protocols. Nothing is written
// here by hand; a target with a build-tool plugin needs one file of its own.
