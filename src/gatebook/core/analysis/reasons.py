"""Why something is opaque: the reasons, and the sentence that a caller reads with each.

A reason is stable: policies and the book name it; docs/footprints.md lists them. Each sentence says what to do instead.
Reasons that documents and settings of a job give (`legacy_sql`, `query_...`, `connection_property`) are in
`job_document`.
"""

from gatebook.core.analysis.footprint import Opaque

REASONS: dict[str, str] = {
    "ai_function": "{} sends its arguments to a model that is not known here. Call it outside of this query.",
    "analysis_limit": "{}. Write it in smaller statements.",
    "catalog": "{}. Ask for fewer tables at a time, or rename one.",
    "default_dataset": "{} changes what names mean. Write whole names instead.",
    "dynamic_sql": "the text of EXECUTE IMMEDIATE is made when it runs. Write it as a string literal.",
    "external_query": "EXTERNAL_QUERY runs SQL in another database. Read a table of BigQuery instead.",
    "external_table": "{} is kept outside of BigQuery, in files that are not named. Load it into a table.",
    "javascript_function": "what {} does with its arguments is written in JavaScript. Use an SQL function.",
    "ml_function": "what {} gives depends on a model that is not known here. Read tables instead.",
    "object_access": "{} gives access to files outside of BigQuery. Read them in another way.",
    "procedure": "the body of procedure {} cannot be read{}. Write its statements here.",
    "property_graph": "what a property graph reads cannot be told. Read its tables instead.",
    "query_label": "@@query_label takes one string literal without Gatebook's labels.",
    "python_function": "what {} does with its arguments is written in Python. Use an SQL function.",
    "remote_function": "{} sends its arguments to a service outside of BigQuery. Use an SQL function.",
    "routine_definition": "the body of {} cannot be read{}. Write its expression here.",
    "statement_type": "{} is not a statement that Gatebook knows of BigQuery.",
    "table_function": "what {} reads cannot be told. Read tables by their names instead.",
    "uncertain_name": "{}",
    "view_definition": "the query of view {} cannot be read{}. Read its tables instead.",
}


def opaque(reason: str, *details: str) -> Opaque:
    """Give the Opaque of a reason, its sentence filled in."""
    return Opaque(reason, REASONS[reason].format(*details))
