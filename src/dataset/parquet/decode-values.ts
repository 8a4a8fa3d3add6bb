import type { Encoding, SchemaElement } from "hyparquet";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { type Reading, readHybrid } from "./hybrid.js";
import { NotSupported } from "./not-supported.js";

/** Values as they are stored: numbers, bigints (64 bits, and INT96 as nanoseconds since 1970), booleans or bytes. */
export type Values = ArrayLike<unknown>;

/**
 * Reads the values of a page.
 *
 * @param bytes the page's values, in memory of their own: a length that points behind their end is an error then
 * @param dictionary of the column chunk, if it has one
 * @throws when the bytes do not hold `count` values
 */
export function decodeValues(
  bytes: Uint8Array,
  encoding: Encoding,
  element: SchemaElement,
  count: number,
  dictionary: Values | undefined,
): Values {
  // A page of nulls may have no bytes at all.
  if (count === 0) return [];
  const from = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const { type, type_length: width } = element;
  switch (encoding) {
    case "PLAIN":
      return type === "INT96" ? plainInt96(from.view, count) : readPlain(from, must(type), count, width);
    case "RLE":
      return booleans(bytes, count);
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY":
      return fromDictionary(bytes, count, dictionary);
    case "DELTA_BINARY_PACKED": {
      const values = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(from, count, values);
      return values;
    }
    case "DELTA_LENGTH_BYTE_ARRAY": {
      const lengths = deltaInts(from, count);
      return Array.from(lengths, (length) => take(bytes, from, length));
    }
    case "DELTA_BYTE_ARRAY":
      return deltaByteArrays(bytes, from, count);
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(from, count, must(type), width);
    default:
      throw new NotSupported(`its encoding ${encoding ?? "of this number"} is not supported`);
  }
}

type View = { readonly view: DataView; offset: number };

function must<T>(type: T | undefined): T {
  if (type === undefined) throw new Error("its type is not known");
  return type;
}

const julianEpoch = 2_440_588n;
const nanosecondsADay = 86_400_000_000_000n;

/** Both parts have a sign: some writers give a time before 1970 negative nanoseconds of the day. */
function plainInt96(view: DataView, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => {
    const days = BigInt(view.getInt32(index * 12 + 8, true)) - julianEpoch;
    return days * nanosecondsADay + view.getBigInt64(index * 12, true);
  });
}

function booleans(bytes: Uint8Array, count: number): boolean[] {
  // The length of the runs stands in front.
  return Array.from(readHybrid({ bytes, at: 4 }, 1, count), (bit) => bit === 1);
}

function fromDictionary(bytes: Uint8Array, count: number, dictionary: Values | undefined): unknown[] {
  if (dictionary === undefined) throw new Error("its dictionary is missing");
  const reading: Reading = { bytes, at: 1 };
  const indexes = readHybrid(reading, must(bytes[0]), count);
  const values = new Array<unknown>(count);
  for (let at = 0; at < count; at++) {
    const index = indexes[at] as number;
    if (index < 0 || index >= dictionary.length)
      throw new Error(`it refers to entry ${index} of a dictionary of ${dictionary.length}`);
    values[at] = dictionary[index];
  }
  return values;
}

function deltaInts(from: View, count: number): Int32Array {
  const values = new Int32Array(count);
  deltaBinaryUnpack(from, count, values);
  return values;
}

function take(bytes: Uint8Array, from: View, length: number): Uint8Array {
  const end = from.offset + length;
  if (length < 0 || end > bytes.length) throw new Error("its values end too early");
  const value = bytes.subarray(from.offset, end);
  from.offset = end;
  return value;
}

/** Each value begins like the one before it, by so many bytes. */
function deltaByteArrays(bytes: Uint8Array, from: View, count: number): Uint8Array[] {
  const shared = deltaInts(from, count);
  const lengths = deltaInts(from, count);
  let before: Uint8Array = new Uint8Array(0);
  return Array.from(lengths, (length, index) => {
    const same = shared[index] as number;
    if (same < 0 || same > before.length) throw new Error("its values repeat more than there is");
    const rest = take(bytes, from, length);
    before = same === 0 ? rest : Buffer.concat([before.subarray(0, same), rest]);
    return before;
  });
}
