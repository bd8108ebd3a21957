-- The orgcust pack as a data engineer would write it for DuckDB, with every result column of both entities.
-- {customer}, {usage} and {out} are file paths. Scores are whole numbers of 1e-8, 1e-10 or 1e-13, as in the pack's contract;
-- ratios to a mean are doubles rounded to six decimals, which gives the same results on the benchmark's data.
CREATE TEMP TABLE means AS
SELECT avg(staff_size) AS staff, avg(annual_income) AS income, avg(communication_share) AS share,
       avg(information_income) AS information, avg(unified_pay) AS unified, avg(personal_pay) AS personal
FROM read_parquet('{customer}');

CREATE TEMP TABLE u AS
SELECT *, (product_stability >= 5400000000) AS stable_use, expiring AND product_stability < 5400000000 AS at_risk
FROM (
  SELECT customer_id, product, product_satisfaction, product_arrears, development_scale, dependence_level, difficulty_level,
         round(income_volatility * 1000000)::BIGINT * 2111 + product_satisfaction * 1148 + round(on_time_rate * 1000000)::BIGINT * 1018
         + product_arrears * 1024 + development_scale * 1147 + dependence_level * 2405 + difficulty_level * 1147 AS product_stability,
         coalesce(contract_end <= DATE '2013-06-30' + INTERVAL 2 MONTH, false) AS expiring
  FROM (
    SELECT customer_id, product, income_volatility, on_time_rate, contract_end,
           satisfaction * 200000::BIGINT AS product_satisfaction, 1000000 - round(arrears / 12 * 1000000)::BIGINT AS product_arrears,
           development_level * 200000::BIGINT AS development_scale, dependence * 200000::BIGINT AS dependence_level,
           difficulty * 200000::BIGINT AS difficulty_level
    FROM read_parquet('{usage}')));

COPY (
  SELECT customer_id, product, product_satisfaction::DECIMAL(18, 0) * 0.000001 AS product_satisfaction,
         product_arrears::DECIMAL(18, 0) * 0.000001 AS product_arrears, development_scale::DECIMAL(18, 0) * 0.000001 AS development_scale,
         dependence_level::DECIMAL(18, 0) * 0.000001 AS dependence_level, difficulty_level::DECIMAL(18, 0) * 0.000001 AS difficulty_level,
         product_stability::DECIMAL(18, 0) * 0.0000000001 AS product_stability,
         CASE WHEN stable_use THEN 'stable' ELSE 'declining' END AS product_stability_band,
         CASE WHEN at_risk THEN ['expiring', 'at_risk'] WHEN expiring THEN ['expiring'] ELSE [] END AS renewal
  FROM u) TO '{out}/usage.parquet';

CREATE TEMP TABLE c AS
WITH g AS (
  SELECT customer_id, count(*) AS n, count(*) FILTER (expiring) AS expiring, count(*) FILTER (stable_use) AS stable_use,
         count(*) FILTER (at_risk) AS at_risk
  FROM u GROUP BY customer_id),
measured AS (
  SELECT c.customer_id, n, expiring, stable_use, at_risk,
         least(round(staff_size / staff * 1000000)::BIGINT, 3000000) AS staff_scale,
         least(coalesce(round(annual_income / income * 1000000)::BIGINT, 500000), 3000000) AS income_scale,
         industry_influence * 200000::BIGINT AS industry_level, society_influence * 200000::BIGINT AS society_level,
         information_plan * 200000::BIGINT AS information_level,
         least(coalesce(round(communication_share / share * 1000000)::BIGINT, 1000000), 3000000) AS communication_scale,
         round(products_used / 6 * 1000000)::BIGINT AS products_level, satisfaction * 200000::BIGINT AS satisfaction_level,
         feedback * 200000::BIGINT AS feedback_level, 1000000 - round(arrears / 12 * 1000000)::BIGINT AS arrears_level,
         round(strategic_products / 6 * 1000000)::BIGINT AS strategic_level, partnership::BIGINT * 1000000 AS partnership_level,
         round(wallet_share * 1000000)::BIGINT AS wallet, round(income_volatility * 1000000)::BIGINT AS volatility,
         round(cooperation * 1000000)::BIGINT AS cooperation, round(on_time_rate * 1000000)::BIGINT AS on_time,
         least(round(information_income / information * 1000000)::BIGINT, 10000000) AS information_revenue,
         least(round(unified_pay / unified * 1000000)::BIGINT, 10000000) AS unified_revenue,
         least(round(personal_pay / personal * 1000000)::BIGINT, 10000000) AS personal_revenue,
         1000000 - service_cost * 200000::BIGINT AS service_saving, 1000000 - marketing_cost * 200000::BIGINT AS marketing_saving,
         1000000 - retention_cost * 200000::BIGINT AS retention_saving
  FROM read_parquet('{customer}') c CROSS JOIN means LEFT JOIN g ON g.customer_id = c.customer_id),
scored AS (
  SELECT *,
         (staff_scale * 21 + income_scale * 21 + industry_level * 14 + society_level * 14 + information_level * 15
          + communication_scale * 15) AS potential,
         products_level * 926 + wallet * 376 + volatility * 1043 + cooperation * 687 + satisfaction_level * 380 + feedback_level * 274
         + on_time * 1217 + arrears_level * 1333 + strategic_level * 1902 + partnership_level * 1862 AS relationship_stability
  FROM measured),
valued AS (
  SELECT *, potential >= 80000000 AS is_key, potential >= 60000000 AS is_important, potential >= 40000000 AS is_general,
         relationship_stability >= 4800000000 AS stable,
         (information_revenue * 1800 + unified_revenue * 1800 + personal_revenue * 900 + service_saving * 600 + marketing_saving * 450
          + retention_saving * 450 + staff_scale * 400 + income_scale * 400 + industry_level * 400 + society_level * 400
          + information_level * 400) * 1000 + relationship_stability * 200 AS customer_value,
         coalesce(n, 0) > 0 AS under_contract, coalesce(expiring, 0) > 0 AS renewing
  FROM scored)
SELECT *, CASE WHEN renewing THEN 'conversion' WHEN under_contract THEN 'contract' ELSE 'identification' END AS stage,
       CASE WHEN renewing OR NOT under_contract THEN NULL WHEN NOT stable THEN 'relationship_building'
            WHEN stable_use = n THEN 'maintenance' ELSE 'business_promotion' END AS contract_type,
       CASE WHEN NOT renewing THEN NULL WHEN at_risk = n THEN 'warning' WHEN at_risk > 0 THEN 'detainment' ELSE 'stabilization' END
         AS conversion_type
FROM valued;

COPY (
  WITH cuts AS (
    SELECT max(customer_value) FILTER (place = k1) AS a, max(customer_value) FILTER (place = k2) AS b
    FROM (SELECT customer_value, row_number() OVER (ORDER BY customer_value DESC) AS place,
                 (SELECT round(count(*) * 0.1) FROM c) AS k1, (SELECT round(count(*) * 0.3) FROM c) AS k2 FROM c)),
  ranked AS (
    SELECT c.*, CASE WHEN customer_value >= a THEN 'A' WHEN customer_value >= b THEN 'B' ELSE 'C' END AS value_level,
           coalesce(contract_type = 'relationship_building', false) OR coalesce(conversion_type = 'warning', false) AS ascension,
           coalesce(contract_type = 'business_promotion', false) OR coalesce(conversion_type = 'detainment', false) AS analysis
    FROM c CROSS JOIN cuts)
  SELECT customer_id, staff_scale::DECIMAL(18, 0) * 0.000001 AS staff_scale, income_scale::DECIMAL(18, 0) * 0.000001 AS income_scale,
         industry_level::DECIMAL(18, 0) * 0.000001 AS industry_level, society_level::DECIMAL(18, 0) * 0.000001 AS society_level,
         information_level::DECIMAL(18, 0) * 0.000001 AS information_level,
         communication_scale::DECIMAL(18, 0) * 0.000001 AS communication_scale, potential::DECIMAL(18, 0) * 0.00000001 AS potential,
         CASE WHEN is_key THEN 'key' WHEN is_important THEN 'important' WHEN is_general THEN 'general' ELSE 'abandoned' END
           AS potential_band,
         products_level::DECIMAL(18, 0) * 0.000001 AS products_level, satisfaction_level::DECIMAL(18, 0) * 0.000001 AS satisfaction_level,
         feedback_level::DECIMAL(18, 0) * 0.000001 AS feedback_level, arrears_level::DECIMAL(18, 0) * 0.000001 AS arrears_level,
         strategic_level::DECIMAL(18, 0) * 0.000001 AS strategic_level, partnership_level::DECIMAL(18, 0) * 0.000001 AS partnership_level,
         relationship_stability::DECIMAL(18, 0) * 0.0000000001 AS relationship_stability,
         CASE WHEN stable THEN 'stable' ELSE 'unstable' END AS relationship_stability_band,
         list_filter([CASE WHEN under_contract THEN 'under_contract' END, CASE WHEN renewing THEN 'renewing' END,
                      CASE WHEN is_general THEN 'worth_developing' END], lambda x: x IS NOT NULL) AS standing,
         stage, contract_type, conversion_type, information_revenue::DECIMAL(18, 0) * 0.000001 AS information_revenue,
         unified_revenue::DECIMAL(18, 0) * 0.000001 AS unified_revenue, personal_revenue::DECIMAL(18, 0) * 0.000001 AS personal_revenue,
         service_saving::DECIMAL(18, 0) * 0.000001 AS service_saving, marketing_saving::DECIMAL(18, 0) * 0.000001 AS marketing_saving,
         retention_saving::DECIMAL(18, 0) * 0.000001 AS retention_saving, customer_value::DECIMAL(18, 0) * 0.0000000000001 AS customer_value,
         value_level,
         list_filter(['product_promotion', CASE WHEN ascension THEN 'relationship_ascension' END,
                      CASE WHEN analysis THEN 'business_analysis' END], lambda x: x IS NOT NULL) AS strategy,
         CASE value_level WHEN 'A' THEN 'high' WHEN 'B' THEN 'medium' ELSE 'low' END AS intensity
  FROM ranked) TO '{out}/customer.parquet';
