"""An agent that looks around in the data: Google's own client, and nothing of Gatebook."""

from google.cloud import bigquery

SQL = """
SELECT first_name, email, phone
FROM shop.customers
ORDER BY customer_id
LIMIT 3
"""

for row in bigquery.Client().query_and_wait(SQL):
    print(f"{row.first_name:<10} {row.email:<32} {row.phone}")
