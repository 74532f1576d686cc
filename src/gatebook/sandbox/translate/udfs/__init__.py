"""Functions of BigQuery that DuckDB has no equal of, written in Python and registered into DuckDB by `prepare`."""
