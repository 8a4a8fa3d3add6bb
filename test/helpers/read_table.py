"""Prints rows of an Iceberg table as JSON: an independent reader for the tests.

usage: [CATALOG_PROPERTIES=JSON] read_table.py CATALOG_URI TABLE COLUMNS, a JSON array of names
Bytes are printed as base64, what JSON does not have by str().
"""

import base64
import json
import os
import sys

from pyiceberg.catalog import load_catalog

uri, name = sys.argv[1:3]
columns = json.loads(sys.argv[3])
properties = json.loads(os.environ.get("CATALOG_PROPERTIES", "{}"))
table = load_catalog("lake", type="rest", uri=uri, **properties).load_table(name)
rows = table.scan(selected_fields=tuple(columns)).to_arrow().to_pylist()


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        # A map is a list of pairs, as Arrow has it.
        return [plain(list(one) if isinstance(one, tuple) else one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


json.dump([[plain(row[column]) for column in columns] for row in rows], sys.stdout)
