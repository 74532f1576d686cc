"""The statement types of BigQuery. Google's analyzer knows those of other products too, which nobody has looked at."""

_OBJECTS = {
    "ASSIGNMENT": ("CREATE", "DROP"),
    "BI_CAPACITY": ("ALTER",),
    "CAPACITY": ("CREATE", "ALTER", "DROP"),
    "DATA_POLICY": ("CREATE", "ALTER", "DROP"),
    "EXTERNAL_SCHEMA": ("CREATE", "ALTER", "DROP"),
    "EXTERNAL_TABLE": ("CREATE", "DROP"),
    "FUNCTION": ("CREATE", "DROP"),
    "MATERIALIZED_VIEW": ("CREATE", "ALTER", "DROP"),
    "MODEL": ("CREATE", "ALTER", "DROP"),
    "ORGANIZATION": ("ALTER",),
    "PROCEDURE": ("CREATE", "DROP"),
    "PROJECT": ("ALTER",),
    "PROPERTY_GRAPH": ("CREATE", "DROP"),
    "RESERVATION": ("CREATE", "ALTER", "DROP"),
    "ROW_ACCESS_POLICY": ("CREATE", "ALTER", "DROP"),
    "SCHEMA": ("CREATE", "ALTER", "DROP", "UNDROP"),
    "SEARCH_INDEX": ("CREATE", "ALTER", "DROP"),
    "SNAPSHOT_TABLE": ("CREATE", "DROP"),
    "TABLE": ("CREATE", "ALTER", "DROP", "TRUNCATE"),
    "TABLE_FUNCTION": ("CREATE", "DROP"),
    "VECTOR_INDEX": ("CREATE", "ALTER", "DROP"),
    "VIEW": ("CREATE", "ALTER", "DROP"),
}

# https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2.FIELDS.statement_type and the reference
# of the language.
STATEMENT_TYPES = frozenset(
    {
        "SELECT", "ASSERT", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE_TABLE_AS_SELECT", "EXPORT_DATA",
        "EXPORT_MODEL", "LOAD_DATA", "GRANT", "REVOKE", "DROP_ALL_ROW_ACCESS_POLICIES",
        "ALTER_ALL_ROW_ACCESS_POLICIES", "BEGIN_TRANSACTION", "COMMIT_TRANSACTION", "ROLLBACK_TRANSACTION",
        *(f"{verb}_{thing}" for thing, verbs in _OBJECTS.items() for verb in verbs),
    }
)  # fmt: skip
