SELECT
  orders.order_id,
  orders.customer_id,
  orders.email,
  orders.total,
  orders.ordered_at,
  orders.state
FROM `acme.sales.orders` AS orders
WHERE orders.ordered_at >= DATETIME '2026-03-01 00:00:00'
  AND orders.state IN ('DELIVERED', 'SHIPPED')
  AND orders.total > 100
ORDER BY orders.ordered_at DESC
LIMIT 8
