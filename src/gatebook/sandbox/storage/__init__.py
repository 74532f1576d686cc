"""The Storage Read API (gRPC, v1) of the embedded BigQuery."""
