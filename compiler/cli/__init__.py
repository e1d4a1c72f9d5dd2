"""`ofc`: puts the spec, the compiler, the targets and the runtime together."""
