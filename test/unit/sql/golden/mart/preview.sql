-- Gold: one mart, rebuilt completely, on a branch that no reader sees until it is published.
-- A run replaces the query's tables with views, each pinned to one snapshot.
USE CATALOG lake;
CREATE TEMPORARY VIEW `pipectl_mart_revenue` AS
SELECT pickup_date, SUM(total_amount) AS revenue -- dollars
FROM silver.cleaned_trips GROUP BY pickup_date
;
-- Back to Flink's own settings: those of 01_source are meant for pipectl's own SQL, while a mart's query may be anything.
-- (With the longer methods, aggregations with keys fail: 'Invalid local variable index'.)
RESET 'table.generated-code.max-length';
RESET 'pipeline.object-reuse';
SET 'pipeline.name' = 'pipectl mart taxi preview revenue';
INSERT OVERWRITE `lake`.`gold`.`taxi_revenue`
SELECT * FROM `pipectl_mart_revenue`;
