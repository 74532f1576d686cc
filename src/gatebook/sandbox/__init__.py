"""The embedded BigQuery: GoogleSQL read by Google's analyzer, run by DuckDB, behind BigQuery's surfaces."""
