"""Which error messages of BigQuery may be written down: those that cannot hold values of rows.

Errors met while a query ran often quote the value they met ("Bad int64 value: ...", "Could not parse ...", whatever
ERROR() was given). The caller gets them unchanged; the book keeps the reason, and the job knows the rest.
"""

_MESSAGE_CHARACTERS = 2048
WITHHELD = "[withheld: it may quote values of rows; the job has it]"

# Reasons of https://cloud.google.com/bigquery/docs/error-messages whose messages name resources, limits and rights.
_SPEAK_OF_RESOURCES = frozenset(
    {
        "accessDenied", "authError", "backendError", "badRequest", "billingNotEnabled", "billingTierLimitExceeded",
        "blocked", "concurrentQueryLimitExceeded", "conditionNotMet", "duplicate", "forbidden", "internalError",
        "jobBackendError", "jobInternalError", "jobRateLimitExceeded", "notFound", "notImplemented", "parseError",
        "quotaExceeded", "rateLimitExceeded", "required", "resourceInUse", "resourcesExceeded", "responseTooLarge",
        "stopped", "tableUnavailable", "timeout", "unauthorized", "unknownMethod",
    }
)  # fmt: skip

# How the analyzer's own messages begin, which speak of the SQL and the schema before any row is read.
_SPEAK_OF_SQL = (
    "Access Denied: ",
    "Aggregate function ",
    "Cannot access field ",
    "Column name ",
    "Duplicate column name",
    "Function not found: ",
    "Name ",
    "No matching signature for ",
    "Not found: ",
    "Query exceeded limit for bytes billed: ",
    "Query parameter ",
    "SELECT list expression references column ",
    "Syntax error: ",
    "Table not found: ",
    "Table-valued function ",
    "Type not found: ",
    "Undeclared query parameters",
    "Unrecognized name: ",
)


def recordable_message(reason: str | None, message: str | None) -> str | None:
    """Give the message, or WITHHELD, or None when there is none."""
    if not message:
        return None
    if reason in _SPEAK_OF_RESOURCES or message.startswith(_SPEAK_OF_SQL):
        return message[:_MESSAGE_CHARACTERS]
    return WITHHELD
