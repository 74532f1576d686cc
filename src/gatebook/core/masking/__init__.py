"""Masks: what a caller sees in place of a classified value. Pure; one definition, three executions that agree.

    masks         the masks and their parameters, as a policy file has them; `applied`: what a mask is for a type
    strictness    which of several masks protects most
    plans         a column with masks at nested paths becomes a tree, which all executions follow
    expressions   A: the tree as a GoogleSQL expression (`literals`, `sql_masks`)
    cells         B: the tree over JSON cells as BigQuery's REST API writes them (`cell_texts`, `values`)
    pages         B over whole pages of rows, untouched cells passed through as bytes
    keys          keys of tokens, and the query parameters that carry them

C, over Arrow arrays and Avro rows, is `gatebook.columnar`: it needs pyarrow, which the core may not (decision 0014).
"""
