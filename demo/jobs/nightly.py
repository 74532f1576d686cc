"""A nightly job as it might stand in acme/warehouse-etl: Google's own client, and nothing of Gatebook."""

from google.cloud import bigquery

SQL = """
SELECT c.address.city, COUNT(DISTINCT c.customer_id) AS customers,
       SUM(o.total) AS revenue
FROM shop.customers AS c
JOIN shop.orders AS o USING (customer_id)
WHERE o.status = @status
GROUP BY 1
ORDER BY revenue DESC
LIMIT 5
"""

status = bigquery.ScalarQueryParameter("status", "STRING", "delivered")
config = bigquery.QueryJobConfig(query_parameters=[status])
job = bigquery.Client().query(SQL, job_config=config)
for row in job.result():
    print(f"{row.city:<16} {row.customers:>5} {row.revenue:>12,.2f} EUR")
