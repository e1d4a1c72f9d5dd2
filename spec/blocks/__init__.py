"""The blocks of the language, one file each: frozen values that know how they are read."""
