"""Reads the tests' tables with PyIceberg, without a line of ours: an independent reader.

One request a line on standard input, one answer a line on standard output, both JSON: a Python of its own for each look would take
seconds to import Arrow. {"what": "table"|"silver"|…, "uri", "properties", "args"} -> {"result"} or {"error"}.
"""

import base64
import json
import sys
import traceback

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import And, EqualTo


def plain(value):
    """As JSON has it: bytes as base64, what JSON or JavaScript does not have by str(); a map is a list of pairs, as Arrow has it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def table(catalog, name, columns):
    """All rows of a table, the given columns."""
    rows = catalog.load_table(name).scan(selected_fields=tuple(columns)).to_arrow().to_pylist()
    return [[plain(row[column]) for column in columns] for row in rows]


def silver(catalog, names):
    """What does not agree between taxi's bronze and silver, by a dictionary of the columns' names in both.

    Rows that bronze has more than once (a record that was sent twice) must be in silver once.
    """
    # The rules of datasets/taxi.yml, written down once more.
    good = (
        "total_amount > 0 and trip_distance >= 0 "
        "and tpep_pickup_datetime is not null and tpep_dropoff_datetime is not null"
    )
    bronze = catalog.load_table("bronze.raw_trips").scan(row_filter=good, selected_fields=tuple(names)).to_arrow()
    found = catalog.load_table("silver.cleaned_trips").scan(selected_fields=("trip_id", *names.values())).to_arrow()
    bronze = bronze.select(list(names)).rename_columns(list(names.values()))
    data = found.select(list(names.values())).cast(bronze.schema)

    def distinct(rows):
        return rows.group_by(list(names.values())).aggregate([])

    of_bronze, of_silver = distinct(bronze), distinct(data)
    both = distinct(pa.concat_tables([of_bronze, of_silver]))
    return {
        "rows": found.num_rows,
        "ids": len(found.column("trip_id").unique()),
        "missing": both.num_rows - of_silver.num_rows,
        "foreign": both.num_rows - of_bronze.num_rows,
        "expected": of_bronze.num_rows,
    }


def at(place):
    partition, offset = place
    return And(EqualTo("kafka_partition", partition), EqualTo("kafka_offset", offset))


def change(catalog, name, place, column, value):
    """Another program changes one value. @returns the value of before"""
    found = catalog.load_table(name)
    row = found.scan(row_filter=at(place)).to_arrow()
    index = row.schema.get_field_index(column)
    field = row.schema.field(index)
    found.overwrite(row.set_column(index, field, pa.array([value], field.type)), at(place))
    return plain(row.column(index).to_pylist()[0])


def dead_letter_instead(catalog, bronze, dlq, place):
    """Another program deletes a good row, and says that its record was a dead letter."""
    row = catalog.load_table(bronze).scan(row_filter=at(place)).to_arrow().to_pylist()[0]
    catalog.load_table(bronze).delete(at(place))
    letters = catalog.load_table(dlq)
    schema = letters.schema().as_arrow()
    letter = {field.name: row.get(field.name) for field in schema}
    letter |= {"raw_value": b"{}", "error": "json: made up", "row_hash": None}
    letters.append(pa.Table.from_pylist([letter], schema=schema))


actions = {"table": table, "silver": silver, "change": change, "dead_letter_instead": dead_letter_instead}
for line in sys.stdin:
    request = json.loads(line)
    try:
        lake = load_catalog("lake", type="rest", uri=request["uri"], **request["properties"])
        answer = {"result": actions[request["what"]](lake, *request["args"])}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
