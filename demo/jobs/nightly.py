"""A nightly job as it might stand in acme/warehouse-etl: Google's own client, and nothing of Gatebook."""

from google.cloud import bigquery

TOP_CITIES = """
SELECT c.address.city, COUNT(DISTINCT c.customer_id) AS customers, ROUND(SUM(o.amount), 2) AS revenue
FROM shop.customers AS c
JOIN shop.orders AS o USING (customer_id)
WHERE o.status = @status
GROUP BY 1
QUALIFY ROW_NUMBER() OVER (ORDER BY revenue DESC) <= 5
ORDER BY revenue DESC
"""

client = bigquery.Client()
status = bigquery.ScalarQueryParameter("status", "STRING", "shipped")
job = client.query(TOP_CITIES, job_config=bigquery.QueryJobConfig(query_parameters=[status]))
for row in job.result():
    print(f"{row.city:<24} {row.customers:>5} customers {row.revenue:>14,.2f}")
print("job", job.job_id)
