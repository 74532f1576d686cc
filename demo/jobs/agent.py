"""An agent that looks around in the data: Google's own client, and nothing of Gatebook."""

from google.cloud import bigquery

client = bigquery.Client()
for row in client.query_and_wait("SELECT full_name, email, phone FROM shop.customers ORDER BY customer_id LIMIT 3"):
    print(f"{row.full_name:<28} {row.email:<36} {row.phone}")
