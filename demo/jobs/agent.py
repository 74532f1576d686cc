"""An agent that looks around in the data: Google's own client, and nothing of Gatebook."""

from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

SQL = "SELECT {} FROM shop.customers ORDER BY customer_id LIMIT 3"

client = bigquery.Client()
for columns in ("first_name, email, phone", "first_name, address.city"):
    try:
        for row in client.query_and_wait(SQL.format(columns)):
            print("  ".join(row.values()))
    except Forbidden as refusal:
        print(refusal.errors[0]["message"], "\n")
