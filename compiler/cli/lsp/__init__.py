"""What an editor asks of a spec; `server` speaks the protocol, the others know the language.

Only `server` and `convert` import pygls. Places are 1-based and count characters, as spans do,
until `convert` makes the protocol's UTF-16 of them.
"""
