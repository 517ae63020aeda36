// What schemac generates from Tests/Interop/Proto is the module; a target needs a file of its own.
