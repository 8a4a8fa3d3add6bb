-- Fills columns that the manifest did not have when the records were ingested: their values come from extra_fields, where
-- bronze has kept them. All of bronze is rewritten, on a branch that no reader sees until its rows have been counted.
SET 'pipeline.name' = 'pipectl backfill taxi preview';
CREATE TEMPORARY FUNCTION IF NOT EXISTS pipectl_parse AS 'io.pipectl.format.ParseRecord';
INSERT OVERWRITE `lake`.`bronze`.`raw_trips` /*+ OPTIONS('branch' = 'pipectl_preview') */
SELECT
  COALESCE(b.`VendorID`, p.`VendorID`),
  COALESCE(b.`tpep_pickup_datetime`, p.`tpep_pickup_datetime`),
  COALESCE(b.`tpep_dropoff_datetime`, p.`tpep_dropoff_datetime`),
  COALESCE(b.`passenger_count`, p.`passenger_count`),
  COALESCE(b.`trip_distance`, p.`trip_distance`),
  COALESCE(b.`RatecodeID`, p.`RatecodeID`),
  COALESCE(b.`store_and_fwd_flag`, p.`store_and_fwd_flag`),
  COALESCE(b.`PULocationID`, p.`PULocationID`),
  COALESCE(b.`DOLocationID`, p.`DOLocationID`),
  COALESCE(b.`payment_type`, p.`payment_type`),
  COALESCE(b.`fare_amount`, p.`fare_amount`),
  COALESCE(b.`extra`, p.`extra`),
  COALESCE(b.`mta_tax`, p.`mta_tax`),
  COALESCE(b.`tip_amount`, p.`tip_amount`),
  COALESCE(b.`tolls_amount`, p.`tolls_amount`),
  COALESCE(b.`improvement_surcharge`, p.`improvement_surcharge`),
  COALESCE(b.`total_amount`, p.`total_amount`),
  COALESCE(b.`congestion_surcharge`, p.`congestion_surcharge`),
  COALESCE(b.`airport_fee`, p.`airport_fee`),
  COALESCE(b.`cbd_congestion_fee`, p.`cbd_congestion_fee`),
  -- If a value does not fit its column, the row's extra_fields stay unchanged.
  CASE WHEN p.parse_error IS NULL THEN p.extra_fields ELSE b.extra_fields END,
  b.kafka_incarnation,
  b.kafka_partition,
  b.kafka_offset,
  b.kafka_timestamp,
  b.ingestion_ts
FROM `lake`.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '8') */ AS b,
  LATERAL TABLE(pipectl_parse(CAST(b.extra_fields AS BYTES), 'ROW<`VendorID` INT, `tpep_pickup_datetime` TIMESTAMP(6), `tpep_dropoff_datetime` TIMESTAMP(6), `passenger_count` INT, `trip_distance` DOUBLE, `RatecodeID` INT, `store_and_fwd_flag` STRING, `PULocationID` INT, `DOLocationID` INT, `payment_type` INT, `fare_amount` DOUBLE, `extra` DOUBLE, `mta_tax` DOUBLE, `tip_amount` DOUBLE, `tolls_amount` DOUBLE, `improvement_surcharge` DOUBLE, `total_amount` DOUBLE, `congestion_surcharge` DOUBLE, `airport_fee` DOUBLE, `cbd_congestion_fee` DOUBLE>', '[]')) AS p;
