"""Replies of BigQuery: what they tell the book, what belongs to whom because of them, and the few edits to them."""
