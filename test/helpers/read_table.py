"""Prints rows of an Iceberg table as JSON: an independent reader for the tests.

usage: [CATALOG_PROPERTIES=JSON] read_table.py CATALOG_URI TABLE COLUMN[,COLUMN...]
Bytes are printed as base64, everything else by str().
"""

import base64
import json
import os
import sys

from pyiceberg.catalog import load_catalog

uri, name, columns = sys.argv[1:]
properties = json.loads(os.environ.get("CATALOG_PROPERTIES", "{}"))
table = load_catalog("lake", type="rest", uri=uri, **properties).load_table(name)
rows = table.scan(selected_fields=tuple(columns.split(","))).to_arrow().to_pylist()


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


json.dump([[plain(row[column]) for column in columns.split(",")] for row in rows], sys.stdout)
