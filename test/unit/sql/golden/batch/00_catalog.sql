-- The Iceberg catalog with every table of the pipeline.
CREATE CATALOG lake WITH (
  'type' = 'iceberg',
  'catalog-type' = 'rest',
  'uri' = 'http://127.0.0.1:8181',
  'warehouse' = 'file:///srv/pipectl/data/warehouse',
  'io-impl' = 'org.apache.iceberg.hadoop.HadoopFileIO'
);
