"""The house form of a spec, in steps.

YAML's events become pieces, comments beside what they are about (`gather`); expressions get the
spelling of the language (`expressions`); pieces are written (`printer`, `words`); and what was
written is held against what was read (`guard`).

ruamel.yaml's round trip was the other way. It ties a comment to the token before it, so that one
above a key goes where the value before the key goes; it unfolds flow over lines; and it takes
longer. Here a comment belongs to what it stands above or behind.
"""
