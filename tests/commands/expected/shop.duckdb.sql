-- shop 1.2.0, as of 2024-01-31, for duckdb
-- The tables are named like the entities and hold their records as lifeseg has read and checked them:
--   the keys as _k1, _k2 …, those of the entities above first; facts under their names;
--   numbers as whole numbers, so that nothing is rounded: an amount with two decimals in hundredths.
-- $name stands for a statistic of the population that a statement above it measures.

-- The results of customer
WITH "order_summed_up" AS (
  SELECT
    "_k1",
    COUNT(*) AS "order_count",
    COUNT(CASE WHEN "amount" >= 1000 THEN 1 END) AS "order_count_2"
  FROM "order" GROUP BY "_k1"
),
"customer_with_order" AS (
  SELECT
    l.*,
    r."order_count" AS "order_count",
    r."order_count_2" AS "order_count_2"
  FROM "customer" AS l LEFT JOIN "order_summed_up" AS r ON l."_k1" = r."_k1"
),
"satisfaction_level_and_3_more" AS (
  SELECT
    *,
    "satisfaction" * 200000 AS "satisfaction_level",  -- Satisfaction
    "spent" * 10 AS "spent_level",  -- Spent
    COALESCE("order_count", 0) > 0 AS "buys",  -- Buys
    "satisfaction" >= 4 AS "happy"  -- Happy
  FROM "customer_with_order"
),
"loyalty_and_1_more" AS (
  SELECT
    *,
    "satisfaction_level" * 5 + "spent_level" * 5 AS "loyalty",  -- Loyalty
    -- Signs
    CASE
      WHEN "buys"
      THEN CASE
        WHEN "happy"
        THEN CAST(LIST_VALUE('buys', 'happy') AS ENUM('buys', 'happy')[])
        ELSE CAST(LIST_VALUE('buys') AS ENUM('buys', 'happy')[])
      END
      ELSE CASE
        WHEN "happy"
        THEN CAST(LIST_VALUE('happy') AS ENUM('buys', 'happy')[])
        ELSE CAST(LIST_VALUE() AS ENUM('buys', 'happy')[])
      END
    END AS "signs"
  FROM "satisfaction_level_and_3_more"
),
"loyalty_band" AS (
  SELECT
    *,
    CASE
      WHEN "loyalty" >= 6000000
      THEN CAST('loyal' AS ENUM('loose', 'loyal'))
      ELSE CAST('loose' AS ENUM('loose', 'loyal'))
    END AS "loyalty_band"
  FROM "loyalty_and_1_more"
),
"class_is_regular_and_1_more" AS (
  SELECT
    *,
    "loyalty_band" = 'loyal' AND COALESCE("order_count_2", 0) > 0 AS "class_is_regular",
    "loyalty_band" = 'loose' OR (NOT (COALESCE("order_count_2", 0) > 0)) AS "class_is_guest"
  FROM "loyalty_band"
),
"class_cases" AS (
  SELECT
    *,
    CAST((
      CAST(CASE WHEN "class_is_regular" THEN 1 ELSE 0 END AS BIGINT) + CAST(CASE WHEN "class_is_guest"
        THEN 1 ELSE 0 END AS BIGINT)
    ) AS BIGINT) AS "class_cases"
  FROM "class_is_regular_and_1_more"
),
"class" AS (
  SELECT
    *,
    -- Class
    CASE
      WHEN "class_cases" = 1
      THEN CASE
        WHEN "class_is_regular"
        THEN CAST('regular' AS ENUM('guest', 'regular'))
        WHEN "class_is_guest"
        THEN CAST('guest' AS ENUM('guest', 'regular'))
      END
    END AS "class"
  FROM "class_cases"
)
SELECT
  "_k1" AS "customer_id",
  -- Satisfaction
  CAST("satisfaction_level" AS DECIMAL(12, 0)) * CAST('0.000001' AS DECIMAL(6, 6))
    AS "satisfaction_level",
  CAST("spent_level" AS DECIMAL(12, 0)) * CAST('0.000001' AS DECIMAL(6, 6)) AS "spent_level",  -- Spent
  CAST("loyalty" AS DECIMAL(11, 0)) * CAST('0.0000001' AS DECIMAL(7, 7)) AS "loyalty",  -- Loyalty
  "loyalty_band",
  "class",  -- Class
  "buys",  -- Buys
  "happy",  -- Happy
  "signs"  -- Signs
FROM "class";

-- The results of order
WITH "large" AS (
  SELECT
    *,
    "amount" >= 10000 AS "large"  -- Large
  FROM "order"
),
"size" AS (
  SELECT
    *,
    -- Size
    CASE
      WHEN "large"
      THEN CAST(LIST_VALUE('large') AS ENUM('large')[])
      ELSE CAST(LIST_VALUE() AS ENUM('large')[])
    END AS "size"
  FROM "large"
)
SELECT
  "_k1" AS "customer_id",
  "_k2" AS "row",
  "large",  -- Large
  "size"  -- Size
FROM "size";
