"""Gatebook: a gateway in front of BigQuery that proves who asks, decides, masks and keeps a book."""
