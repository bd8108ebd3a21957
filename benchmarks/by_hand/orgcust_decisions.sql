-- The seven decision columns of the orgcust pack (with the bands of its scores) as a data engineer would write them for
-- DuckDB. {customer}, {usage} and {out} are file paths. Scores are whole numbers of 1e-8, 1e-10 or 1e-13, as in the pack's
-- contract; ratios to a mean are doubles rounded to six decimals, which gives the same results on the benchmark's data.
COPY (SELECT customer_id, product FROM read_parquet('{usage}')) TO '{out}/usage.parquet';

CREATE TEMP TABLE c AS
WITH u AS (
  SELECT customer_id,
         round(income_volatility * 1000000)::BIGINT * 2111 + satisfaction * 229600000::BIGINT
         + round(on_time_rate * 1000000)::BIGINT * 1018 + (1000000 - round(arrears / 12 * 1000000)::BIGINT) * 1024
         + development_level * 229400000::BIGINT + dependence * 481000000::BIGINT + difficulty * 229400000::BIGINT
           >= 5400000000 AS stable_use,
         coalesce(contract_end <= DATE '2013-06-30' + INTERVAL 2 MONTH, false) AS expiring
  FROM read_parquet('{usage}')),
g AS (
  SELECT customer_id, count(*) AS n, count(*) FILTER (expiring) AS expiring, count(*) FILTER (stable_use) AS stable_use,
         count(*) FILTER (expiring AND NOT stable_use) AS at_risk
  FROM u GROUP BY customer_id),
means AS (
  SELECT avg(staff_size) AS staff, avg(annual_income) AS income, avg(communication_share) AS share,
         avg(information_income) AS information, avg(unified_pay) AS unified, avg(personal_pay) AS personal
  FROM read_parquet('{customer}')),
measured AS (
  SELECT c.customer_id, n, expiring, stable_use, at_risk,
         least(round(staff_size / staff * 1000000)::BIGINT, 3000000) AS staff_scale,
         least(coalesce(round(annual_income / income * 1000000)::BIGINT, 500000), 3000000) AS income_scale,
         industry_influence + society_influence AS influence, information_plan,
         least(coalesce(round(communication_share / share * 1000000)::BIGINT, 1000000), 3000000) AS communication_scale,
         round(products_used / 6 * 1000000)::BIGINT * 926 + round(wallet_share * 1000000)::BIGINT * 376
           + round(income_volatility * 1000000)::BIGINT * 1043 + round(cooperation * 1000000)::BIGINT * 687
           + satisfaction * 76000000::BIGINT + feedback * 54800000::BIGINT + round(on_time_rate * 1000000)::BIGINT * 1217
           + (1000000 - round(arrears / 12 * 1000000)::BIGINT) * 1333 + round(strategic_products / 6 * 1000000)::BIGINT * 1902
           + partnership::BIGINT * 1862000000 AS relationship_stability,
         least(round(information_income / information * 1000000)::BIGINT, 10000000) * 1800
           + least(round(unified_pay / unified * 1000000)::BIGINT, 10000000) * 1800
           + least(round(personal_pay / personal * 1000000)::BIGINT, 10000000) * 900 + (5 - service_cost) * 120000000::BIGINT
           + (5 - marketing_cost) * 90000000::BIGINT + (5 - retention_cost) * 90000000::BIGINT AS current_value
  FROM read_parquet('{customer}') c CROSS JOIN means LEFT JOIN g ON g.customer_id = c.customer_id),
scored AS (
  SELECT *,
         (staff_scale + income_scale) * 21 + influence * 2800000::BIGINT + information_plan * 3000000::BIGINT
           + communication_scale * 15 AS potential,
         (current_value + (staff_scale + income_scale) * 400 + (influence + information_plan) * 80000000::BIGINT) * 1000
           + relationship_stability * 200 AS customer_value,
         relationship_stability >= 4800000000 AS stable, coalesce(n, 0) > 0 AS under_contract,
         coalesce(expiring, 0) > 0 AS renewing
  FROM measured)
SELECT customer_id, potential, relationship_stability, customer_value, stable,
       CASE WHEN renewing THEN 'conversion' WHEN under_contract THEN 'contract' ELSE 'identification' END AS stage,
       CASE WHEN renewing OR NOT under_contract THEN NULL WHEN NOT stable THEN 'relationship_building'
            WHEN stable_use = n THEN 'maintenance' ELSE 'business_promotion' END AS contract_type,
       CASE WHEN NOT renewing THEN NULL WHEN at_risk = n THEN 'warning' WHEN at_risk > 0 THEN 'detainment' ELSE 'stabilization' END
         AS conversion_type
FROM scored;

COPY (
  WITH cuts AS (
    SELECT max(customer_value) FILTER (place = k1) AS a, max(customer_value) FILTER (place = k2) AS b
    FROM (SELECT customer_value, row_number() OVER (ORDER BY customer_value DESC) AS place,
                 (SELECT round(count(*) * 0.1) FROM c) AS k1, (SELECT round(count(*) * 0.3) FROM c) AS k2 FROM c))
  SELECT customer_id, potential::DECIMAL(18, 0) * 0.00000001 AS potential,
         CASE WHEN potential >= 80000000 THEN 'key' WHEN potential >= 60000000 THEN 'important'
              WHEN potential >= 40000000 THEN 'general' ELSE 'abandoned' END AS potential_band,
         relationship_stability::DECIMAL(18, 0) * 0.0000000001 AS relationship_stability,
         CASE WHEN stable THEN 'stable' ELSE 'unstable' END AS relationship_stability_band, stage, contract_type, conversion_type,
         customer_value::DECIMAL(18, 0) * 0.0000000000001 AS customer_value,
         CASE WHEN customer_value >= a THEN 'A' WHEN customer_value >= b THEN 'B' ELSE 'C' END AS value_level
  FROM c CROSS JOIN cuts) TO '{out}/customer.parquet';
