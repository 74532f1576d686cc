"""The one way translation fails."""


class Unmapped(Exception):  # noqa: N818 - the field's word for "no DuckDB equivalent"; callers answer notImplemented
    """Something in the query has no exact DuckDB equivalent here; `str()` names what.

    The sandbox answers it as BigQuery's `notImplemented`. Raising is the rule: an answer that
    silently differs from BigQuery's is worse than none.
    """
