"""File formats and JSON rows, in and out, as BigQuery's load, extract and insertAll read and write them."""
