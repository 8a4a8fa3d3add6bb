"""Compares silver with bronze without a line of ours: prints JSON with what does not agree.

usage: [CATALOG_PROPERTIES=JSON] compare_silver.py CATALOG_URI BRONZE_COLUMN=SILVER_COLUMN[,…]
Rows that bronze has more than once (a record that was sent twice) must be in silver once.
"""

import json
import os
import sys

import pyarrow as pa
from pyiceberg.catalog import load_catalog

uri, pairs = sys.argv[1:]
names = dict(pair.split("=") for pair in pairs.split(","))
catalog = load_catalog("lake", type="rest", uri=uri, **json.loads(os.environ.get("CATALOG_PROPERTIES", "{}")))

# The rules of datasets/taxi.yml, written down once more.
good = (
    "total_amount > 0 and trip_distance >= 0 "
    "and tpep_pickup_datetime is not null and tpep_dropoff_datetime is not null"
)
bronze = catalog.load_table("bronze.raw_trips").scan(row_filter=good, selected_fields=tuple(names)).to_arrow()
silver = (
    catalog.load_table("silver.cleaned_trips").scan(selected_fields=("trip_id", *names.values())).to_arrow()
)
bronze = bronze.select(list(names)).rename_columns(list(names.values()))
ids = silver.column("trip_id")
silver_data = silver.select(list(names.values())).cast(bronze.schema)


def distinct(table):
    return table.group_by(list(names.values())).aggregate([])


of_bronze, of_silver = distinct(bronze), distinct(silver_data)
both = distinct(pa.concat_tables([of_bronze, of_silver]))
json.dump(
    {
        "rows": silver.num_rows,
        "ids": len(ids.unique()),
        "missing": both.num_rows - of_silver.num_rows,
        "foreign": both.num_rows - of_bronze.num_rows,
        "expected": of_bronze.num_rows,
    },
    sys.stdout,
)
