"""What the warehouse keeps: catalog entries and rows in one DuckDB database, results beside it."""
