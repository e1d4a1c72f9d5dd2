"""What a declared cell is worth knowing by: features of the network that its operations make.

    structure = Structure.of(space)       # None where the space declares no graph
    structure.rows(points)                # n x f, in the groups of `structure.groups`

Every number is a function of the network alone; none is fitted to anything.
"""
