"""The REST API (v2) of the embedded BigQuery."""
