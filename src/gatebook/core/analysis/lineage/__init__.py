"""Lineage: which columns of tables every value of a resolved tree derives from.

    taint        what a value derives from, as a bit set, down to the fields of a struct
    sources      the columns of tables that the bits stand for
    session      what is known to all walks over one text: sources, definitions, what a script wrote so far
    walk         one walk over one statement: the taints of its columns, what it reads and uses
    expressions  rules by kind of expression
    calls        rules for calls of functions, by what each function does with its arguments
    scans        rules by kind of scan
    definitions  views, SQL functions and table functions: walked once, then applied wherever they are used
    targets      what a statement gives or writes, column by column

An unknown kind of expression or scan derives from everything below it, never from nothing.
"""
