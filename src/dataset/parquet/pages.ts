import type { ColumnMetaData, PageHeader } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import type { ByteWindow } from "./byte-window.js";
import { crc32 } from "./crc32.js";
import { decodeValues, type Values } from "./decode-values.js";
import { readHybrid } from "./hybrid.js";
import { NotSupported } from "./not-supported.js";
import type { Leaf } from "./tree.js";
import { unpackPage } from "./unpack-page.js";

/** Levels and values of a page. Levels are undefined where only level 0, or the highest definition level, is possible. */
export interface Page {
  /** Number of triples of levels and a value, NULLs included. */
  readonly length: number;
  readonly repetitions: Int32Array | undefined;
  readonly definitions: Int32Array | undefined;
  /** The values that are not NULL. */
  readonly values: Values;
}

/** What is to be known of a column to read its pages. */
export interface LeafColumn {
  readonly leaf: Leaf;
  readonly chunk: ColumnMetaData;
}

/** Statistics of a page can be long: they may hold two values. */
const headerBytes = [4096, 64 * 1024, 16 * 1024 * 1024] as const;

/** Larger ones are no records that a topic takes, and would not fit into memory beside others. */
const maxPageBytes = 256 * 1024 * 1024;

/** Reads the data pages of a column chunk. @throws when one is damaged, or of a kind that is not supported */
export class Pages {
  #dictionary: Values | undefined;
  /** Triples that the chunk still has. */
  #left: number;

  constructor(
    private readonly column: LeafColumn,
    private readonly bytes: ByteWindow,
  ) {
    this.#left = Number(column.chunk.num_values);
  }

  /** @returns undefined behind the last page */
  next(): Page | undefined {
    while (this.#left > 0) {
      const header = this.#header();
      const packed = this.bytes.take(size(header.compressed_page_size));
      if (header.crc !== undefined && header.crc >>> 0 !== crc32(packed))
        throw new Error("the checksum of a page does not match");
      const page = this.#page(header, packed);
      if (page === undefined || page.length === 0) continue;
      this.#left -= page.length;
      return page;
    }
    return undefined;
  }

  #page(header: PageHeader, packed: Uint8Array): Page | undefined {
    const { dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 } = header;
    const unpackedSize = size(header.uncompressed_page_size);
    const { chunk, leaf } = this.column;
    if (header.type === "DICTIONARY_PAGE" && dictionary) {
      const bytes = unpackPage(chunk.codec, packed, unpackedSize);
      const count = size(dictionary.num_values);
      this.#dictionary = decodeValues(bytes, "PLAIN", leaf.element, count, undefined);
      return undefined;
    }
    if (header.type === "DATA_PAGE" && v1) {
      const length = this.#length(v1.num_values);
      return this.#pageV1(v1, unpackPage(chunk.codec, packed, unpackedSize), length);
    }
    if (header.type === "DATA_PAGE_V2" && v2)
      return this.#pageV2(v2, packed, unpackedSize, this.#length(v2.num_values));
    if (header.type === "INDEX_PAGE") return undefined;
    throw new Error("the header of a page is damaged");
  }

  #pageV1(header: NonNullable<PageHeader["data_page_header"]>, bytes: Uint8Array, length: number): Page {
    const from = { bytes, at: 0 };
    const levels = (highest: number, encoding: string) => {
      if (highest === 0 || length === 0) return undefined;
      const width = bitsOf(highest);
      if (encoding === "BIT_PACKED") return bitPackedLevels(from, width, length);
      const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(from.at, true);
      const end = from.at + 4 + size;
      if (end > bytes.length) throw new Error("its levels end too early");
      const read = readHybrid({ bytes: bytes.subarray(from.at + 4, end), at: 0 }, width, length);
      from.at = end;
      return read;
    };
    const repetitions = levels(this.column.leaf.repetition, header.repetition_level_encoding);
    const definitions = levels(this.column.leaf.definedAt, header.definition_level_encoding);
    return this.#complete(header.encoding, bytes.slice(from.at), length, repetitions, definitions);
  }

  #pageV2(
    header: NonNullable<PageHeader["data_page_header_v2"]>,
    packed: Uint8Array,
    unpackedSize: number,
    length: number,
  ): Page {
    const repetitionBytes = size(header.repetition_levels_byte_length);
    const levelBytes = repetitionBytes + size(header.definition_levels_byte_length);
    if (levelBytes > packed.length) throw new Error("its levels end too early");
    const levels = (highest: number, start: number, end: number) =>
      highest === 0
        ? undefined
        : readHybrid({ bytes: packed.subarray(start, end), at: 0 }, bitsOf(highest), length);
    const repetitions = levels(this.column.leaf.repetition, 0, repetitionBytes);
    const definitions = levels(this.column.leaf.definedAt, repetitionBytes, levelBytes);
    const codec = header.is_compressed === false ? "UNCOMPRESSED" : this.column.chunk.codec;
    const values = unpackPage(codec, packed.slice(levelBytes), size(unpackedSize - levelBytes));
    return this.#complete(header.encoding, values, length, repetitions, definitions);
  }

  #complete(
    encoding: Parameters<typeof decodeValues>[1],
    bytes: Uint8Array,
    length: number,
    repetitions: Int32Array | undefined,
    definitions: Int32Array | undefined,
  ): Page {
    const { element, definedAt, repetition } = this.column.leaf;
    requireAtMost(repetitions, repetition);
    requireAtMost(definitions, definedAt);
    let count = length;
    if (definitions) {
      count = 0;
      for (const level of definitions) if (level === definedAt) count++;
    }
    const values = decodeValues(bytes, encoding, element, count, this.#dictionary);
    return { length, repetitions, definitions, values };
  }

  #length(values: number): number {
    if (size(values) > this.#left) throw new Error("its pages hold more values than it has");
    return values;
  }

  #header(): PageHeader {
    for (const most of headerBytes) {
      const bytes = this.bytes.peek(most);
      if (bytes.length === 0) throw new Error("its pages end too early");
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
      try {
        const header = parquetHeader(reader);
        this.bytes.at += reader.offset;
        return header;
      } catch {
        // It may be longer than what was looked at.
        if (bytes.length < most) break;
      }
    }
    throw new Error("the header of a page is damaged");
  }
}

function size(value: number | undefined): number {
  if (value === undefined || !(value >= 0)) throw new Error("the header of a page is damaged");
  if (value > maxPageBytes) {
    throw new NotSupported(
      `it has a page of ${Math.round(value / 1024 / 1024)} MiB: pages of up to ${maxPageBytes / 1024 / 1024} MiB can be read`,
    );
  }
  return value;
}

const bitsOf = (highest: number) => 32 - Math.clz32(highest);

function requireAtMost(levels: Int32Array | undefined, highest: number) {
  for (const level of levels ?? [])
    if (level < 0 || level > highest) throw new Error("one of its levels is higher than its schema allows");
}

/** The oldest writers packed levels without runs, the highest bits first. */
function bitPackedLevels(from: { bytes: Uint8Array; at: number }, width: number, count: number): Int32Array {
  const { bytes, at } = from;
  from.at += Math.ceil((width * count) / 8);
  if (from.at > bytes.length) throw new Error("its levels end too early");
  return Int32Array.from({ length: count }, (_, index) => {
    let level = 0;
    for (let bit = index * width; bit < (index + 1) * width; bit++)
      level = level * 2 + (((bytes[at + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1);
    return level;
  });
}
