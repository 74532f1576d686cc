WITH this_year AS (
  WITH recent_orders AS (
    SELECT
      order_id,
      customer_id,
      state,
      total,
      ordered_at,
      ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) AS place
    FROM `acme.sales.orders`
    WHERE ordered_at >= DATETIME '2026-01-01 00:00:00'
  ),
  lines AS (
    SELECT
      items.order_id,
      products.category,
      items.quantity,
      items.quantity * items.unit_price AS amount
    FROM `acme.sales.order_items` AS items
    JOIN `acme.sales.products` AS products
      ON products.product_id = items.product_id
    WHERE items.quantity > 0
  ),
  order_totals AS (
    SELECT
      order_id,
      COUNT(DISTINCT category) AS categories,
      SUM(quantity) AS pieces,
      SUM(amount) AS amount,
      ARRAY_AGG(DISTINCT category IGNORE NULLS ORDER BY category) AS names
    FROM lines
    GROUP BY order_id
  ),
  contacts AS (
    SELECT
      customer_id,
      country,
      LOWER(TRIM(email)) AS email,
      SPLIT(email, '@')[SAFE_OFFSET(1)] AS mail_domain,
      CASE
        WHEN segment = 'A' THEN 'gold'
        WHEN segment = 'B' THEN 'silver'
        ELSE 'bronze'
      END AS tier
    FROM `acme.sales.customers`
    WHERE email IS NOT NULL
  ),
  visits AS (
    SELECT
      customer_id,
      COUNT(*) AS seen,
      COUNTIF(kind = 'click') AS clicks,
      MIN(happened_at) AS first_seen,
      MAX(happened_at) AS last_seen
    FROM `acme.web.events`
    WHERE happened_at >= DATETIME '2026-01-01 00:00:00'
    GROUP BY customer_id
  ),
  joined AS (
    SELECT
      contacts.country,
      contacts.tier,
      contacts.mail_domain,
      recent_orders.order_id,
      recent_orders.total,
      recent_orders.ordered_at,
      order_totals.categories,
      order_totals.pieces,
      order_totals.names,
      visits.clicks,
      visits.seen,
      visits.first_seen,
      DATETIME_DIFF(recent_orders.ordered_at, visits.last_seen, HOUR) AS hours_since_visit
    FROM recent_orders
    JOIN contacts USING (customer_id)
    LEFT JOIN order_totals USING (order_id)
    LEFT JOIN visits USING (customer_id)
    WHERE recent_orders.place <= 5
      AND recent_orders.state NOT IN ('CANCELLED', 'RETURNED')
  )
  SELECT
    country,
    tier,
    DATE_TRUNC(DATE(ordered_at), WEEK(MONDAY)) AS week,
    COUNT(DISTINCT order_id) AS orders_placed,
    SUM(total) AS revenue,
    AVG(pieces) AS pieces_per_order,
    APPROX_TOP_COUNT(mail_domain, 3) AS mail_domains,
    SAFE_DIVIDE(SUM(clicks), NULLIF(SUM(seen), 0)) AS click_rate,
    COUNTIF('toys' IN UNNEST(names)) AS toy_orders,
    APPROX_QUANTILES(hours_since_visit, 4) AS visit_quartiles,
    SUM(SUM(total)) OVER (
      PARTITION BY country
      ORDER BY tier
    ) AS running_revenue
  FROM joined
  WHERE categories > 1 OR total > 250
  GROUP BY country, tier, week
  HAVING orders_placed >= 3
  ORDER BY country, week, revenue DESC
),
last_year AS (
  WITH recent_orders AS (
    SELECT
      order_id,
      customer_id,
      state,
      total,
      ordered_at,
      ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) AS place
    FROM `acme.sales.orders`
    WHERE ordered_at >= DATETIME '2025-01-01 00:00:00'
  ),
  lines AS (
    SELECT
      items.order_id,
      products.category,
      items.quantity,
      items.quantity * items.unit_price AS amount
    FROM `acme.sales.order_items` AS items
    JOIN `acme.sales.products` AS products
      ON products.product_id = items.product_id
    WHERE items.quantity > 0
  ),
  order_totals AS (
    SELECT
      order_id,
      COUNT(DISTINCT category) AS categories,
      SUM(quantity) AS pieces,
      SUM(amount) AS amount,
      ARRAY_AGG(DISTINCT category IGNORE NULLS ORDER BY category) AS names
    FROM lines
    GROUP BY order_id
  ),
  contacts AS (
    SELECT
      customer_id,
      country,
      LOWER(TRIM(email)) AS email,
      SPLIT(email, '@')[SAFE_OFFSET(1)] AS mail_domain,
      CASE
        WHEN segment = 'A' THEN 'gold'
        WHEN segment = 'B' THEN 'silver'
        ELSE 'bronze'
      END AS tier
    FROM `acme.sales.customers`
    WHERE email IS NOT NULL
  ),
  visits AS (
    SELECT
      customer_id,
      COUNT(*) AS seen,
      COUNTIF(kind = 'click') AS clicks,
      MIN(happened_at) AS first_seen,
      MAX(happened_at) AS last_seen
    FROM `acme.web.events`
    WHERE happened_at >= DATETIME '2025-01-01 00:00:00'
    GROUP BY customer_id
  ),
  joined AS (
    SELECT
      contacts.country,
      contacts.tier,
      contacts.mail_domain,
      recent_orders.order_id,
      recent_orders.total,
      recent_orders.ordered_at,
      order_totals.categories,
      order_totals.pieces,
      order_totals.names,
      visits.clicks,
      visits.seen,
      visits.first_seen,
      DATETIME_DIFF(recent_orders.ordered_at, visits.last_seen, HOUR) AS hours_since_visit
    FROM recent_orders
    JOIN contacts USING (customer_id)
    LEFT JOIN order_totals USING (order_id)
    LEFT JOIN visits USING (customer_id)
    WHERE recent_orders.place <= 5
      AND recent_orders.state NOT IN ('CANCELLED', 'RETURNED')
  )
  SELECT
    country,
    tier,
    DATE_TRUNC(DATE(ordered_at), WEEK(MONDAY)) AS week,
    COUNT(DISTINCT order_id) AS orders_placed,
    SUM(total) AS revenue,
    AVG(pieces) AS pieces_per_order,
    APPROX_TOP_COUNT(mail_domain, 3) AS mail_domains,
    SAFE_DIVIDE(SUM(clicks), NULLIF(SUM(seen), 0)) AS click_rate,
    COUNTIF('toys' IN UNNEST(names)) AS toy_orders,
    APPROX_QUANTILES(hours_since_visit, 4) AS visit_quartiles,
    SUM(SUM(total)) OVER (
      PARTITION BY country
      ORDER BY tier
    ) AS running_revenue
  FROM joined
  WHERE categories > 1 OR total > 250
  GROUP BY country, tier, week
  HAVING orders_placed >= 3
  ORDER BY country, week, revenue DESC
),
year_before AS (
  WITH recent_orders AS (
    SELECT
      order_id,
      customer_id,
      state,
      total,
      ordered_at,
      ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) AS place
    FROM `acme.sales.orders`
    WHERE ordered_at >= DATETIME '2024-01-01 00:00:00'
  ),
  lines AS (
    SELECT
      items.order_id,
      products.category,
      items.quantity,
      items.quantity * items.unit_price AS amount
    FROM `acme.sales.order_items` AS items
    JOIN `acme.sales.products` AS products
      ON products.product_id = items.product_id
    WHERE items.quantity > 0
  ),
  order_totals AS (
    SELECT
      order_id,
      COUNT(DISTINCT category) AS categories,
      SUM(quantity) AS pieces,
      SUM(amount) AS amount,
      ARRAY_AGG(DISTINCT category IGNORE NULLS ORDER BY category) AS names
    FROM lines
    GROUP BY order_id
  ),
  contacts AS (
    SELECT
      customer_id,
      country,
      LOWER(TRIM(email)) AS email,
      SPLIT(email, '@')[SAFE_OFFSET(1)] AS mail_domain,
      CASE
        WHEN segment = 'A' THEN 'gold'
        WHEN segment = 'B' THEN 'silver'
        ELSE 'bronze'
      END AS tier
    FROM `acme.sales.customers`
    WHERE email IS NOT NULL
  ),
  visits AS (
    SELECT
      customer_id,
      COUNT(*) AS seen,
      COUNTIF(kind = 'click') AS clicks,
      MIN(happened_at) AS first_seen,
      MAX(happened_at) AS last_seen
    FROM `acme.web.events`
    WHERE happened_at >= DATETIME '2024-01-01 00:00:00'
    GROUP BY customer_id
  ),
  joined AS (
    SELECT
      contacts.country,
      contacts.tier,
      contacts.mail_domain,
      recent_orders.order_id,
      recent_orders.total,
      recent_orders.ordered_at,
      order_totals.categories,
      order_totals.pieces,
      order_totals.names,
      visits.clicks,
      visits.seen,
      visits.first_seen,
      DATETIME_DIFF(recent_orders.ordered_at, visits.last_seen, HOUR) AS hours_since_visit
    FROM recent_orders
    JOIN contacts USING (customer_id)
    LEFT JOIN order_totals USING (order_id)
    LEFT JOIN visits USING (customer_id)
    WHERE recent_orders.place <= 5
      AND recent_orders.state NOT IN ('CANCELLED', 'RETURNED')
  )
  SELECT
    country,
    tier,
    DATE_TRUNC(DATE(ordered_at), WEEK(MONDAY)) AS week,
    COUNT(DISTINCT order_id) AS orders_placed,
    SUM(total) AS revenue,
    AVG(pieces) AS pieces_per_order,
    APPROX_TOP_COUNT(mail_domain, 3) AS mail_domains,
    SAFE_DIVIDE(SUM(clicks), NULLIF(SUM(seen), 0)) AS click_rate,
    COUNTIF('toys' IN UNNEST(names)) AS toy_orders,
    APPROX_QUANTILES(hours_since_visit, 4) AS visit_quartiles,
    SUM(SUM(total)) OVER (
      PARTITION BY country
      ORDER BY tier
    ) AS running_revenue
  FROM joined
  WHERE categories > 1 OR total > 250
  GROUP BY country, tier, week
  HAVING orders_placed >= 3
  ORDER BY country, week, revenue DESC
)
SELECT
  country,
  tier,
  this_year.week,
  this_year.revenue,
  this_year.revenue - last_year.revenue AS more_than_last_year,
  this_year.revenue - year_before.revenue AS more_than_the_year_before,
  this_year.mail_domains
FROM this_year
LEFT JOIN last_year USING (country, tier)
LEFT JOIN year_before USING (country, tier)
ORDER BY country, tier, week
