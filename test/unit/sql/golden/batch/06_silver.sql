-- Silver: typed, filtered, one row per natural key. Only the partitions that this statement produces are rewritten, on a
-- branch that no reader sees until it is published.
SET 'pipeline.name' = 'pipectl silver taxi preview';
INSERT OVERWRITE `lake`.`silver`.`cleaned_trips`
SELECT
  `trip_id`,
  `vendor_id`,
  `pickup_datetime`,
  `dropoff_datetime`,
  `passenger_count`,
  `trip_distance`,
  `rate_code_id`,
  `store_and_fwd_flag`,
  `pickup_location_id`,
  `dropoff_location_id`,
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
  `pickup_date`,
  `trip_duration_seconds`,
  `trip_duration_minutes`,
  `avg_speed_mph`,
  `pickup_hour`
FROM (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY `trip_id`
    ORDER BY kafka_incarnation, kafka_timestamp, kafka_partition, kafka_offset
  ) AS row_rank
  FROM (
    SELECT
      CAST(MD5(CONCAT(COALESCE(CAST(`VendorID` AS STRING), '\N'), '|', COALESCE(CAST(`tpep_pickup_datetime` AS STRING), '\N'), '|', COALESCE(CAST(`tpep_dropoff_datetime` AS STRING), '\N'), '|', COALESCE(CAST(`PULocationID` AS STRING), '\N'), '|', COALESCE(CAST(`DOLocationID` AS STRING), '\N'), '|', COALESCE(CAST(`fare_amount` AS STRING), '\N'), '|', COALESCE(CAST(`total_amount` AS STRING), '\N'))) AS STRING) AS `trip_id`,
      CAST(`VendorID` AS INT) AS `vendor_id`,
      CAST(`tpep_pickup_datetime` AS TIMESTAMP(6)) AS `pickup_datetime`,
      CAST(`tpep_dropoff_datetime` AS TIMESTAMP(6)) AS `dropoff_datetime`,
      CAST(`passenger_count` AS INT) AS `passenger_count`,
      CAST(`trip_distance` AS DOUBLE) AS `trip_distance`,
      CAST(`RatecodeID` AS INT) AS `rate_code_id`,
      CAST(`store_and_fwd_flag` AS STRING) AS `store_and_fwd_flag`,
      CAST(`PULocationID` AS INT) AS `pickup_location_id`,
      CAST(`DOLocationID` AS INT) AS `dropoff_location_id`,
      CAST(`payment_type` AS INT) AS `payment_type`,
      CAST(`fare_amount` AS DOUBLE) AS `fare_amount`,
      CAST(`extra` AS DOUBLE) AS `extra`,
      CAST(`mta_tax` AS DOUBLE) AS `mta_tax`,
      CAST(`tip_amount` AS DOUBLE) AS `tip_amount`,
      CAST(`tolls_amount` AS DOUBLE) AS `tolls_amount`,
      CAST(`improvement_surcharge` AS DOUBLE) AS `improvement_surcharge`,
      CAST(`total_amount` AS DOUBLE) AS `total_amount`,
      CAST(`congestion_surcharge` AS DOUBLE) AS `congestion_surcharge`,
      CAST(`airport_fee` AS DOUBLE) AS `airport_fee`,
      CAST(`cbd_congestion_fee` AS DOUBLE) AS `cbd_congestion_fee`,
      CAST(CAST(tpep_pickup_datetime AS DATE) AS DATE) AS `pickup_date`,
      CAST(TIMESTAMPDIFF(SECOND, tpep_pickup_datetime, tpep_dropoff_datetime) AS BIGINT) AS `trip_duration_seconds`,
      CAST(TIMESTAMPDIFF(SECOND, tpep_pickup_datetime, tpep_dropoff_datetime) / 60e0 AS DOUBLE) AS `trip_duration_minutes`,
      CAST(CASE WHEN TIMESTAMPDIFF(SECOND, tpep_pickup_datetime, tpep_dropoff_datetime) > 0 THEN trip_distance * 3600e0 / TIMESTAMPDIFF(SECOND, tpep_pickup_datetime, tpep_dropoff_datetime) END AS DOUBLE) AS `avg_speed_mph`,
      CAST(EXTRACT(HOUR FROM tpep_pickup_datetime) AS INT) AS `pickup_hour`,
      kafka_timestamp,
      kafka_incarnation,
      kafka_partition,
      kafka_offset
    FROM `lake`.`bronze`.`raw_trips`
    WHERE (total_amount > 0) AND (trip_distance >= 0) AND (tpep_pickup_datetime IS NOT NULL) AND (tpep_dropoff_datetime IS NOT NULL)
  )
)
WHERE row_rank = 1;
