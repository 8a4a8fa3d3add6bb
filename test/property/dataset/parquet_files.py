"""Random Parquet files of PyArrow, and a comparison of what was read of them with PyArrow's own values.

make SEED COUNT FOLDER: writes COUNT files of drawn types, codecs, page versions, encodings and nesting.
check FOLDER: compares each FILE.parquet with FILE.parquet.jsonl (a JSON array for each row), and prints what differs.
"""

import base64, datetime, decimal, json, math, os, random, struct, sys, uuid
import pyarrow as pa, pyarrow.parquet as pq

DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
wide = decimal.Context(prec=200)


class Number(str):
    """A JSON number, with its digits."""


def make(seed, count, folder):
    draw = random.Random(seed)
    made = 0
    while made < count:
        path = os.path.join(folder, f"f{made}.parquet")
        try:
            table = some_table(draw)
            pq.write_table(table, path, **some_options(draw, table))
            # PyArrow itself loses rows of some lists; such a file shows nothing.
            made += pq.read_table(path).num_rows == pq.ParquetFile(path).metadata.num_rows
        except (pa.ArrowException, OSError, NotImplementedError):
            continue


def some_table(draw):
    rows = draw.choice([1, 2, 7, 50, 300, 3000])
    fields = [pa.field(f"c{i}", some_type(draw), nullable=draw.random() < 0.8) for i in range(draw.randint(1, 4))]
    arrays = []
    for field in fields:
        nulls = draw.choice([0, 0.1, 0.5, 1])
        pool = [some_value(draw, field.type, field.nullable, nulls) for _ in range(min(rows, 50))]
        arrays.append(pa.array([pool[draw.randrange(len(pool))] for _ in range(rows)], field.type))
    return pa.table(arrays, schema=pa.schema(fields))


def some_options(draw, table):
    options = dict(
        compression=draw.choice(["NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"]),
        data_page_version=draw.choice(["1.0", "2.0"]),
        use_dictionary=draw.random() < 0.5,
        row_group_size=draw.choice([3, 700, 100_000]) if table.num_rows < 1000 else 700,
        data_page_size=draw.choice([1, 64, 1000, 1 << 20]),
        version=draw.choice(["1.0", "2.4", "2.6"]),
        write_page_checksum=draw.random() < 0.3,
        write_page_index=draw.random() < 0.3,
        store_schema=draw.random() < 0.7,
        use_compliant_nested_type=draw.random() < 0.7,
        dictionary_pagesize_limit=draw.choice([10, 1 << 20]),
        use_deprecated_int96_timestamps=draw.random() < 0.15,
    )
    encodings = {field.name: draw.choice(encodings_of(field.type)) for field in table.schema if encodings_of(field.type)}
    if not options["use_dictionary"] and encodings:
        options["column_encoding"] = encodings
    return options


def encodings_of(type):
    if pa.types.is_integer(type):
        return ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "PLAIN"]
    if pa.types.is_floating(type):
        return ["BYTE_STREAM_SPLIT", "PLAIN"]
    if pa.types.is_boolean(type):
        return ["RLE", "PLAIN"]
    if pa.types.is_fixed_size_binary(type):
        return ["DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"]
    return ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "PLAIN"] if type in (pa.string(), pa.binary()) else []


def some_type(draw, depth=0):
    if depth < 3 and draw.random() < 0.3:
        match draw.choice(["list", "large_list", "struct", "map"]):
            case "list":
                return pa.list_(pa.field("element", some_type(draw, depth + 1), nullable=draw.random() < 0.8))
            case "large_list":
                return pa.large_list(some_type(draw, depth + 1))
            case "struct":
                inner = [some_type(draw, depth + 1) for _ in range(draw.randint(1, 3))]
                return pa.struct([pa.field(f"f{i}", one, nullable=draw.random() < 0.8) for i, one in enumerate(inner)])
        keys = [pa.string(), pa.int64(), pa.date32(), pa.bool_(), pa.timestamp("us"), pa.decimal128(9, 2)]
        return pa.map_(draw.choice(keys), some_type(draw, depth + 1))
    whole = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
    times = [pa.timestamp(unit, zone) for unit in DIGITS for zone in (None, "UTC")]
    clocks = [pa.time32("ms"), pa.time64("us"), pa.time64("ns"), *(pa.duration(unit) for unit in DIGITS)]
    decimals = [pa.decimal128(p, s) for p, s in [(1, 0), (9, 2), (18, 5), (19, 0), (38, 10)]] + [pa.decimal256(50, 5)]
    bytes_ = [pa.string(), pa.large_string(), pa.binary(), pa.binary(draw.randint(1, 20))]
    kinds = [whole, times, clocks, decimals, bytes_, [pa.float32(), pa.float64()], [pa.bool_(), pa.date32()]]
    return draw.choice(draw.choice(kinds))


def some_value(draw, type, nullable, nulls):
    if nullable and draw.random() < nulls:
        return None
    inner = lambda type, nullable=True: some_value(draw, type, nullable, nulls)
    if pa.types.is_integer(type):
        bits = type.bit_width
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if pa.types.is_signed_integer(type) else (0, (1 << bits) - 1)
        return draw.choice([low, high, 0, 1, draw.randint(low, high)])
    if pa.types.is_floating(type):
        some = [0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, draw.random(), 5e-324, 1e16]
        value = draw.choice(some + [draw.gauss(0, 1) * 10 ** draw.randint(-300, 300)])
        fits = not pa.types.is_float32(type) or abs(value) < 1e38 or not math.isfinite(value)
        return value if fits else 0.5
    if pa.types.is_boolean(type):
        return draw.random() < 0.5
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return "".join(draw.choice('abc"\\\n\té😀 ,{}\u2028\x00') for _ in range(draw.choice([0, 1, 3, 30])))
    if pa.types.is_fixed_size_binary(type) or pa.types.is_binary(type):
        length = type.byte_width if pa.types.is_fixed_size_binary(type) else draw.choice([0, 1, 20])
        return bytes(draw.randrange(256) for _ in range(length))
    if pa.types.is_date(type):
        return datetime.date.fromordinal(draw.choice([1, 719163, draw.randint(1, 3652059)]))
    if pa.types.is_timestamp(type) or pa.types.is_duration(type):
        most = {"s": 1 << 33, "ms": 1 << 43, "us": 1 << 53, "ns": (1 << 63) - 1}[type.unit]
        return draw.choice([0, -1, 1, draw.randint(-most, most)])
    if pa.types.is_time(type):
        return draw.randint(0, 86400 * 10 ** DIGITS[type.unit] - 1)
    if pa.types.is_decimal(type):
        most = 10**type.precision - 1
        unscaled = draw.choice([0, most, -most, draw.randint(-min(most, 10**5), min(most, 10**5))])
        return wide.create_decimal(unscaled).scaleb(-type.scale, wide)
    if pa.types.is_struct(type):
        return {field.name: inner(field.type, field.nullable) for field in type}
    if pa.types.is_map(type):
        keys = {some_value(draw, type.key_type, False, 0) for _ in range(draw.choice([0, 1, 3]))}
        return [(key, inner(type.item_type)) for key in keys]
    return [inner(type.value_type, type.value_field.nullable) for _ in range(draw.choice([0, 0, 1, 2, 5]))]


def check(folder):
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".parquet")):
        table = pq.read_table(os.path.join(folder, name))
        with open(os.path.join(folder, name + ".jsonl"), encoding="utf8") as lines:
            rows = [parsed(line) for line in lines]
        if len(rows) != table.num_rows:
            print(name, "has", table.num_rows, "rows, not", len(rows))
            continue
        for at, field in enumerate(table.schema):
            for row, value in enumerate(table.column(at)):
                if not same(value, field.type, rows[row][at]):
                    print(name, field, "row", row, "is not", rows[row][at])
                    break


def parsed(line):
    return json.loads(line, parse_int=Number, parse_float=Number, object_pairs_hook=lambda pairs: ("object", pairs))


def same(value, type, sent):
    if not value.is_valid:
        return sent is None
    if pa.types.is_boolean(type):
        return sent is value.as_py()
    if pa.types.is_integer(type) or pa.types.is_decimal(type):
        return isinstance(sent, Number) and wide.create_decimal(sent) == value.as_py()
    if pa.types.is_floating(type):
        number = value.as_py()
        if not math.isfinite(number):
            return sent == {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(number)]
        return isinstance(sent, Number) and struct.pack("d", float(sent)) == struct.pack("d", number)
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return not isinstance(sent, Number) and sent == value.as_py()
    if pa.types.is_binary(type) or pa.types.is_fixed_size_binary(type):
        return sent == text_of(value.as_py())
    if pa.types.is_date(type):
        return sent == value.as_py().isoformat()
    if pa.types.is_timestamp(type):
        day, of_day = divmod(value.value, 86400 * 10 ** DIGITS[type.unit])
        return sent == f"{civil(day)} {clock(of_day, DIGITS[type.unit])}"
    if pa.types.is_time(type):
        return sent == clock(value.value, DIGITS[type.unit])
    if pa.types.is_duration(type):
        whole = f"{'-' if value.value < 0 else ''}PT{plain(abs(value.value), DIGITS[type.unit])}S"
        return sent == whole
    if pa.types.is_struct(type):
        return [name for name, _ in sent[1]] == [field.name for field in type] and all(
            same(value[i], type[i].type, one) for i, (_, one) in enumerate(sent[1])
        )
    if pa.types.is_map(type):
        return len(sent[1]) == len(value.values) and all(
            (same(entry[0], type.key_type, key) or same(entry[0], type.key_type, unquoted(key)))
            and same(entry[1], type.item_type, one)
            for entry, (key, one) in zip(value.values, sent[1])
        )
    return len(sent) == len(value.values) and all(same(a, type.value_type, b) for a, b in zip(value.values, sent))


def unquoted(key):
    return {"true": True, "false": False}.get(key, Number(key))


def text_of(some):
    try:
        return some.decode("utf8")
    except UnicodeDecodeError:
        return base64.b64encode(some).decode()


def plain(units, digits):
    whole, rest = divmod(units, 10**digits)
    return f"{whole}.{rest:0{digits}}".rstrip("0") if rest else str(whole)


def clock(units, digits):
    seconds, rest = divmod(units, 10**digits)
    fraction = f".{rest:0{digits}}".rstrip("0") if rest else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def civil(day):
    """Python's dates end with the years 1 and 9999; 400 years have 146,097 days."""
    cycles = (day - 1) // 146097
    date = datetime.date(1970, 1, 1) + datetime.timedelta(day - cycles * 146097)
    year = date.year + cycles * 400
    sign = "" if 0 <= year <= 9999 else "-" if year < 0 else "+"
    return f"{sign}{abs(year):0{4 if sign == '' else 6}}-{date:%m-%d}"


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        check(sys.argv[2])
