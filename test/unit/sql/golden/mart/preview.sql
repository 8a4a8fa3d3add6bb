-- Gold: one mart, made anew as a whole, on a branch that no reader sees until it is published.
-- A run puts views in front of its tables, each as of one snapshot.
USE CATALOG lake;
CREATE TEMPORARY VIEW `pipectl_mart_revenue` AS
SELECT pickup_date, SUM(total_amount) AS revenue -- dollars
FROM silver.cleaned_trips GROUP BY pickup_date
;
-- Flink's own settings again: those of the source are for the SQL beside it, and a query may be anything. (The longer code breaks
-- aggregations with keys: 'Invalid local variable index'.)
RESET 'table.generated-code.max-length';
RESET 'pipeline.object-reuse';
SET 'pipeline.name' = 'pipectl mart taxi preview revenue';
INSERT OVERWRITE `lake`.`gold`.`taxi_revenue`
SELECT * FROM `pipectl_mart_revenue`;
