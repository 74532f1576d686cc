-- TPC-H Q6, Forecasting Revenue Change: DATE = 1994-01-01, DISCOUNT = 0.06, QUANTITY = 24
-- The bounds are NUMERIC: as FLOAT64, 0.06 + 0.01 lies below 0.07.
SELECT SUM(l_extendedprice * l_discount) AS revenue
FROM lineitem
WHERE
  l_shipdate >= DATE '1994-01-01'
  AND l_shipdate < DATE_ADD(DATE '1994-01-01', INTERVAL 1 YEAR)
  AND l_discount BETWEEN NUMERIC '0.06' - NUMERIC '0.01' AND NUMERIC '0.06' + NUMERIC '0.01'
  AND l_quantity < 24
