"""Does to a table what other programs and bad disks do, by PyIceberg: no line of ours. Arguments: the catalog's URI, the table, what to do."""

import os
import sys

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import And, EqualTo

uri, name, what, *rest = sys.argv[1:]
table = load_catalog("lake", type="rest", uri=uri).load_table(name)


def files():
    return sorted(file["file_path"].removeprefix("file:") for file in table.inspect.files().to_pylist())


def a_row():
    """The fourth good row of partition 0, and where it is."""
    rows = table.scan(row_filter=EqualTo("kafka_partition", 0)).to_arrow().sort_by("kafka_offset")
    return rows.slice(3, 1)


def with_value(row, column, value):
    index = row.schema.get_field_index(column)
    return row.set_column(index, row.schema.field(index), pa.array([value], row.schema.field(index).type))


if what == "account":
    with table.transaction() as change:
        change.set_properties({"pipectl.account": rest[0]})
elif what == "remove-file":
    os.remove(files()[0])
elif what == "damage-file":
    path = files()[0]
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        file.seek(size // 3)
        some = file.read(64)
        file.seek(size // 3)
        file.write(bytes(byte ^ 0xFF for byte in some))
elif what == "double":
    table.append(a_row())
elif what == "beyond":
    table.append(with_value(a_row(), "kafka_offset", 5_000_000))
elif what == "change":
    row = a_row()
    place = And(EqualTo("kafka_partition", 0), EqualTo("kafka_offset", row["kafka_offset"][0].as_py()))
    table.overwrite(with_value(row, "total_amount", 99999.0), place)
else:
    raise SystemExit(f"what is {what}?")
