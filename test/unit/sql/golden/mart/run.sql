-- Gold: one mart, rebuilt completely, on a branch that no reader sees until it is published.
-- The query reads views of its tables, each pinned to one snapshot, which is recorded with the mart's rows.
CREATE CATALOG `pipectl_mart_revenue` WITH ('type' = 'generic_in_memory');
CREATE DATABASE IF NOT EXISTS `pipectl_mart_revenue`.`bronze`;
CREATE DATABASE IF NOT EXISTS `pipectl_mart_revenue`.`silver`;
CREATE VIEW `pipectl_mart_revenue`.`silver`.`cleaned_trips` AS SELECT * FROM lake.`silver`.`cleaned_trips` /*+ OPTIONS('snapshot-id' = '7') */;
CREATE VIEW `pipectl_mart_revenue`.`bronze`.`raw_trips` AS SELECT * FROM lake.`bronze`.`raw_trips` WHERE FALSE;
USE CATALOG `pipectl_mart_revenue`;
CREATE VIEW `pipectl_mart_revenue` AS
SELECT pickup_date, SUM(total_amount) AS revenue -- dollars
FROM silver.cleaned_trips GROUP BY pickup_date
;
-- Back to Flink's own settings: those of 01_source are meant for pipectl's own SQL, while a mart's query may be anything.
-- (With the longer methods, aggregations with keys fail: 'Invalid local variable index'.)
RESET 'table.generated-code.max-length';
RESET 'pipeline.object-reuse';
SET 'pipeline.name' = 'pipectl mart taxi r revenue';
INSERT OVERWRITE `lake`.`gold`.`taxi_revenue` /*+ OPTIONS('branch' = 'pipectl_r') */
SELECT * FROM `pipectl_mart_revenue`;
