"""The one way translation fails."""


class Unmapped(Exception):
    """Something in the query has no exact DuckDB equivalent here; `str()` names what.

    The sandbox answers it as BigQuery's `notImplemented`. Raising is the rule: an answer that
    silently differs from BigQuery's is worse than none.
    """
