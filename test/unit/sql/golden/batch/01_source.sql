-- Settings of this session, for MODE=batch, and the topic taxi.raw_trips.
SET 'execution.runtime-mode' = 'batch';
-- Off, whatever the cluster's own settings are: Iceberg's sink loses rows when an unaligned checkpoint fails (apache/iceberg#15846).
SET 'execution.checkpointing.unaligned.enabled' = 'false';
SET 'execution.checkpointing.aligned-checkpoint-timeout' = '0 ms';
SET 'table.dml-sync' = 'true';
-- No operator here keeps the rows that it gets. Without this setting, each operator of a chain would get its own copy.
SET 'pipeline.object-reuse' = 'true';
SET 'parallelism.default' = '3';
-- Characters of generated Java in one method. With Flink's default of 4,000, a row of twenty columns is split into a hundred
-- methods, all compiled again for each job. But Java's JIT compiles no method with more than 8,000 bytes of code.
SET 'table.generated-code.max-length' = '32000';
SET 'table.local-time-zone' = 'UTC';

-- What tells a row from one that somebody else has changed: a hash of its values (made by the reader), and of its place in Kafka.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS pipectl_value_hash AS 'io.pipectl.hash.ValueHash';
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS pipectl_row_hash AS 'io.pipectl.hash.RowHash';
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS pipectl_dead_letter_hash AS 'io.pipectl.hash.DeadLetterHash';
-- Each record is read and parsed once: parse_error says why it is a dead letter. Records of aborted transactions are not read.
CREATE TEMPORARY TABLE source_records (
  `VendorID` INT,
  `tpep_pickup_datetime` TIMESTAMP(6),
  `tpep_dropoff_datetime` TIMESTAMP(6),
  `passenger_count` INT,
  `trip_distance` DOUBLE,
  `RatecodeID` INT,
  `store_and_fwd_flag` STRING,
  `PULocationID` INT,
  `DOLocationID` INT,
  `payment_type` INT,
  `fare_amount` DOUBLE,
  `extra` DOUBLE,
  `mta_tax` DOUBLE,
  `tip_amount` DOUBLE,
  `tolls_amount` DOUBLE,
  `improvement_surcharge` DOUBLE,
  `total_amount` DOUBLE,
  `congestion_surcharge` DOUBLE,
  `airport_fee` DOUBLE,
  `cbd_congestion_fee` DOUBLE,
  kafka_key BYTES,
  extra_fields STRING METADATA FROM 'value.extra_fields' VIRTUAL,
  parse_error STRING METADATA FROM 'value.parse_error' VIRTUAL,
  raw_value BYTES METADATA FROM 'value.raw_value' VIRTUAL,
  pipectl_hash BIGINT METADATA FROM 'value.value_hash' VIRTUAL,
  kafka_partition INT METADATA FROM 'partition' VIRTUAL,
  kafka_offset BIGINT METADATA FROM 'offset' VIRTUAL,
  kafka_timestamp TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = 'taxi.raw_trips',
  'properties.bootstrap.servers' = '127.0.0.1:9092',
  'properties.group.id' = 'pipectl',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'key.format' = 'raw',
  'key.fields' = 'kafka_key',
  'value.format' = 'pipectl-json',
  'value.fields-include' = 'EXCEPT_KEY'
);
