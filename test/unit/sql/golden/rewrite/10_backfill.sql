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
  b.ingestion_ts,
  -- Only a row whose hash fits its values gets another one: nothing that somebody has changed becomes good by this.
  CASE WHEN b.row_hash = pipectl_row_hash(
    b.kafka_incarnation, b.kafka_partition, b.kafka_offset,
    pipectl_value_hash(b.extra_fields, 'VendorID', b.`VendorID`, 'tpep_pickup_datetime', b.`tpep_pickup_datetime`, 'tpep_dropoff_datetime', b.`tpep_dropoff_datetime`, 'passenger_count', b.`passenger_count`, 'trip_distance', b.`trip_distance`, 'RatecodeID', b.`RatecodeID`, 'store_and_fwd_flag', b.`store_and_fwd_flag`, 'PULocationID', b.`PULocationID`, 'DOLocationID', b.`DOLocationID`, 'payment_type', b.`payment_type`, 'fare_amount', b.`fare_amount`, 'extra', b.`extra`, 'mta_tax', b.`mta_tax`, 'tip_amount', b.`tip_amount`, 'tolls_amount', b.`tolls_amount`, 'improvement_surcharge', b.`improvement_surcharge`, 'total_amount', b.`total_amount`, 'congestion_surcharge', b.`congestion_surcharge`, 'airport_fee', b.`airport_fee`, 'cbd_congestion_fee', b.`cbd_congestion_fee`)
  ) THEN pipectl_row_hash(
    b.kafka_incarnation, b.kafka_partition, b.kafka_offset,
    pipectl_value_hash(
      CASE WHEN p.parse_error IS NULL THEN p.extra_fields ELSE b.extra_fields END,
      'VendorID', COALESCE(b.`VendorID`, p.`VendorID`),
      'tpep_pickup_datetime', COALESCE(b.`tpep_pickup_datetime`, p.`tpep_pickup_datetime`),
      'tpep_dropoff_datetime', COALESCE(b.`tpep_dropoff_datetime`, p.`tpep_dropoff_datetime`),
      'passenger_count', COALESCE(b.`passenger_count`, p.`passenger_count`),
      'trip_distance', COALESCE(b.`trip_distance`, p.`trip_distance`),
      'RatecodeID', COALESCE(b.`RatecodeID`, p.`RatecodeID`),
      'store_and_fwd_flag', COALESCE(b.`store_and_fwd_flag`, p.`store_and_fwd_flag`),
      'PULocationID', COALESCE(b.`PULocationID`, p.`PULocationID`),
      'DOLocationID', COALESCE(b.`DOLocationID`, p.`DOLocationID`),
      'payment_type', COALESCE(b.`payment_type`, p.`payment_type`),
      'fare_amount', COALESCE(b.`fare_amount`, p.`fare_amount`),
      'extra', COALESCE(b.`extra`, p.`extra`),
      'mta_tax', COALESCE(b.`mta_tax`, p.`mta_tax`),
      'tip_amount', COALESCE(b.`tip_amount`, p.`tip_amount`),
      'tolls_amount', COALESCE(b.`tolls_amount`, p.`tolls_amount`),
      'improvement_surcharge', COALESCE(b.`improvement_surcharge`, p.`improvement_surcharge`),
      'total_amount', COALESCE(b.`total_amount`, p.`total_amount`),
      'congestion_surcharge', COALESCE(b.`congestion_surcharge`, p.`congestion_surcharge`),
      'airport_fee', COALESCE(b.`airport_fee`, p.`airport_fee`),
      'cbd_congestion_fee', COALESCE(b.`cbd_congestion_fee`, p.`cbd_congestion_fee`)
    )
  ) ELSE b.row_hash END
FROM `lake`.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '8') */ AS b,
  LATERAL TABLE(pipectl_parse(CAST(b.extra_fields AS BYTES), 'ROW<`VendorID` INT, `tpep_pickup_datetime` TIMESTAMP(6), `tpep_dropoff_datetime` TIMESTAMP(6), `passenger_count` INT, `trip_distance` DOUBLE, `RatecodeID` INT, `store_and_fwd_flag` STRING, `PULocationID` INT, `DOLocationID` INT, `payment_type` INT, `fare_amount` DOUBLE, `extra` DOUBLE, `mta_tax` DOUBLE, `tip_amount` DOUBLE, `tolls_amount` DOUBLE, `improvement_surcharge` DOUBLE, `total_amount` DOUBLE, `congestion_surcharge` DOUBLE, `airport_fee` DOUBLE, `cbd_congestion_fee` DOUBLE>', '[]')) AS p;
