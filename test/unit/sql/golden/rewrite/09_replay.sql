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
  CURRENT_TIMESTAMP,
  pipectl_row_hash(
    d.kafka_incarnation, d.kafka_partition, d.kafka_offset,
    pipectl_value_hash(p.extra_fields, 'VendorID', p.`VendorID`, 'tpep_pickup_datetime', p.`tpep_pickup_datetime`, 'tpep_dropoff_datetime', p.`tpep_dropoff_datetime`, 'passenger_count', p.`passenger_count`, 'trip_distance', p.`trip_distance`, 'RatecodeID', p.`RatecodeID`, 'store_and_fwd_flag', p.`store_and_fwd_flag`, 'PULocationID', p.`PULocationID`, 'DOLocationID', p.`DOLocationID`, 'payment_type', p.`payment_type`, 'fare_amount', p.`fare_amount`, 'extra', p.`extra`, 'mta_tax', p.`mta_tax`, 'tip_amount', p.`tip_amount`, 'tolls_amount', p.`tolls_amount`, 'improvement_surcharge', p.`improvement_surcharge`, 'total_amount', p.`total_amount`, 'congestion_surcharge', p.`congestion_surcharge`, 'airport_fee', p.`airport_fee`, 'cbd_congestion_fee', p.`cbd_congestion_fee`)
  )
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
  d.ingestion_ts,
  d.row_hash
FROM `lake`.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '7') */ AS d,
  LATERAL TABLE(pipectl_parse(d.raw_value, 'ROW<`VendorID` INT, `tpep_pickup_datetime` TIMESTAMP(6), `tpep_dropoff_datetime` TIMESTAMP(6), `passenger_count` INT, `trip_distance` DOUBLE, `RatecodeID` INT, `store_and_fwd_flag` STRING, `PULocationID` INT, `DOLocationID` INT, `payment_type` INT, `fare_amount` DOUBLE, `extra` DOUBLE, `mta_tax` DOUBLE, `tip_amount` DOUBLE, `tolls_amount` DOUBLE, `improvement_surcharge` DOUBLE, `total_amount` DOUBLE, `congestion_surcharge` DOUBLE, `airport_fee` DOUBLE, `cbd_congestion_fee` DOUBLE>', '[]')) AS p
WHERE p.parse_error IS NOT NULL;
END;
