SELECT
  customers.country,
  orders.state,
  DATE_TRUNC(DATE(orders.ordered_at), MONTH) AS month,
  COUNT(DISTINCT orders.customer_id) AS buyers,
  COUNT(*) AS orders_placed,
  MAX(orders.total) AS largest_total,
  SUM(orders.total) AS revenue,
  APPROX_QUANTILES(orders.total, 100)[OFFSET(50)] AS median_order,
  SAFE_DIVIDE(SUM(orders.total), COUNT(DISTINCT orders.customer_id)) AS revenue_per_buyer,
  ARRAY_AGG(STRUCT(orders.order_id, orders.total) ORDER BY orders.total DESC LIMIT 3) AS largest
FROM `acme.sales.orders` AS orders
JOIN `acme.sales.customers` AS customers
  ON customers.customer_id = orders.customer_id
WHERE orders.ordered_at >= DATETIME '2026-01-01 00:00:00'
  AND customers.email IS NOT NULL
  AND REGEXP_CONTAINS(customers.email, r'@example\.(com|org)$')
GROUP BY customers.country, orders.state, month
HAVING revenue > 1000
ORDER BY revenue DESC
