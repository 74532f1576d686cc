"""A job that tidies up too much, in three ways that a pattern in the SQL would not see."""

from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

client = bigquery.Client()
query = client.query_and_wait
for drop, what in [
    (query, "drop/* tidy up */table shop.orders"),
    (query, "EXECUTE IMMEDIATE 'DR' || 'OP TABLE shop.orders'"),
    (client.delete_table, "shop.orders"),
]:
    try:
        drop(what)
    except Forbidden as refusal:
        print("-", refusal.errors[0]["message"])
