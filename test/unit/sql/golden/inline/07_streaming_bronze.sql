-- The continuous form of 05_bronze: both tables are committed at each checkpoint.
SET 'pipeline.name' = 'pipectl streaming bronze taxi preview';
-- Only Iceberg's newer sink has maintenance behind its commits.
SET 'table.exec.iceberg.use-v2-sink' = 'true';
EXECUTE STATEMENT SET BEGIN
INSERT INTO `lake`.`bronze`.`raw_trips` /*+ OPTIONS('flink-maintenance.rewrite.enabled' = 'true', 'flink-maintenance.rewrite.schedule.commit-count' = '60', 'flink-maintenance.rewrite.min-file-size-bytes' = '8388608', 'flink-maintenance.rewrite.max-file-group-size-bytes' = '33554432', 'flink-maintenance.rewrite.max-bytes' = '67108864') */
SELECT
  `VendorID`,
  `tpep_pickup_datetime`,
  `tpep_dropoff_datetime`,
  `passenger_count`,
  `trip_distance`,
  `RatecodeID`,
  `store_and_fwd_flag`,
  `PULocationID`,
  `DOLocationID`,
  `payment_type`,
  `fare_amount`,
  `extra`,
  `mta_tax`,
  `tip_amount`,
  `tolls_amount`,
  `improvement_surcharge`,
  `total_amount`,
  `congestion_surcharge`,
  `airport_fee`,
  `cbd_congestion_fee`,
  extra_fields,
  0,
  kafka_partition,
  kafka_offset,
  kafka_timestamp,
  CURRENT_TIMESTAMP,
  pipectl_row_hash(0, kafka_partition, kafka_offset, pipectl_hash)
FROM source_records
WHERE parse_error IS NULL;
INSERT INTO `lake`.`bronze`.`raw_trips_dlq` /*+ OPTIONS('flink-maintenance.rewrite.enabled' = 'true', 'flink-maintenance.rewrite.schedule.commit-count' = '60', 'flink-maintenance.rewrite.min-file-size-bytes' = '8388608', 'flink-maintenance.rewrite.max-file-group-size-bytes' = '33554432', 'flink-maintenance.rewrite.max-bytes' = '67108864') */
SELECT
  0,
  kafka_partition,
  kafka_offset,
  kafka_timestamp,
  kafka_key,
  raw_value,
  parse_error,
  CURRENT_TIMESTAMP,
  pipectl_dead_letter_hash(0, kafka_partition, kafka_offset, kafka_key, CAST(NULL AS MAP<STRING, BYTES>), raw_value)
FROM source_records
WHERE parse_error IS NOT NULL;
END;
