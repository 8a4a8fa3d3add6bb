-- Dead letters that can be parsed now go to bronze, each with its place in Kafka. The others stay, with their current error.
-- Both are written to a branch that no reader sees until its rows have been counted.
SET 'pipeline.name' = 'pipectl replay taxi preview';
CREATE TEMPORARY FUNCTION IF NOT EXISTS pipectl_parse AS 'io.pipectl.format.ParseRecord';
EXECUTE STATEMENT SET BEGIN
INSERT INTO `lake`.`bronze`.`raw_trips` /*+ OPTIONS('branch' = 'pipectl_preview') */
SELECT
  p.`VendorID`,
  p.`tpep_pickup_datetime`,
  p.`tpep_dropoff_datetime`,
  p.`passenger_count`,
  p.`trip_distance`,
  p.`RatecodeID`,
  p.`store_and_fwd_flag`,
  p.`PULocationID`,
  p.`DOLocationID`,
  p.`payment_type`,
  p.`fare_amount`,
  p.`extra`,
  p.`mta_tax`,
  p.`tip_amount`,
  p.`tolls_amount`,
  p.`improvement_surcharge`,
  p.`total_amount`,
  p.`congestion_surcharge`,
  p.`airport_fee`,
  p.`cbd_congestion_fee`,
  p.extra_fields,
  d.kafka_incarnation,
  d.kafka_partition,
  d.kafka_offset,
  d.kafka_timestamp,
  CURRENT_TIMESTAMP
FROM `lake`.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '7') */ AS d,
  LATERAL TABLE(pipectl_parse(d.raw_value, 'ROW<`VendorID` INT, `tpep_pickup_datetime` TIMESTAMP(6), `tpep_dropoff_datetime` TIMESTAMP(6), `passenger_count` INT, `trip_distance` DOUBLE, `RatecodeID` INT, `store_and_fwd_flag` STRING, `PULocationID` INT, `DOLocationID` INT, `payment_type` INT, `fare_amount` DOUBLE, `extra` DOUBLE, `mta_tax` DOUBLE, `tip_amount` DOUBLE, `tolls_amount` DOUBLE, `improvement_surcharge` DOUBLE, `total_amount` DOUBLE, `congestion_surcharge` DOUBLE, `airport_fee` DOUBLE, `cbd_congestion_fee` DOUBLE>', '[]')) AS p
WHERE p.parse_error IS NULL;
INSERT INTO `lake`.`bronze`.`raw_trips_dlq` /*+ OPTIONS('branch' = 'pipectl_preview') */
SELECT
  d.kafka_incarnation,
  d.kafka_partition,
  d.kafka_offset,
  d.kafka_timestamp,
  d.kafka_key,
  d.raw_value,
  p.parse_error,
  d.ingestion_ts
FROM `lake`.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '7') */ AS d,
  LATERAL TABLE(pipectl_parse(d.raw_value, 'ROW<`VendorID` INT, `tpep_pickup_datetime` TIMESTAMP(6), `tpep_dropoff_datetime` TIMESTAMP(6), `passenger_count` INT, `trip_distance` DOUBLE, `RatecodeID` INT, `store_and_fwd_flag` STRING, `PULocationID` INT, `DOLocationID` INT, `payment_type` INT, `fare_amount` DOUBLE, `extra` DOUBLE, `mta_tax` DOUBLE, `tip_amount` DOUBLE, `tolls_amount` DOUBLE, `improvement_surcharge` DOUBLE, `total_amount` DOUBLE, `congestion_surcharge` DOUBLE, `airport_fee` DOUBLE, `cbd_congestion_fee` DOUBLE>', '[]')) AS p
WHERE p.parse_error IS NOT NULL;
END;
