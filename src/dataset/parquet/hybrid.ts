/** Bytes, and how far they have been read. */
export interface Reading {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * Reads integers in Parquet's RLE/bit-packing hybrid, from the reading's position on.
 *
 * @param width bits of a value, up to 32
 * @throws when the bytes end before `count` values, or a run is longer than it can be
 */
export function readHybrid(from: Reading, width: number, count: number): Int32Array {
  if (width > 32) throw new Error(`its values are said to have ${width} bits`);
  const output = new Int32Array(count);
  if (width === 0) return output;
  let to = 0;
  while (to < count) {
    const header = unsigned(from);
    const runs = Math.floor(header / 2);
    if (header % 2 === 0) {
      const value = littleEndian(from, (width + 7) >> 3);
      if (runs === 0) continue;
      const end = Math.min(to + runs, count);
      output.fill(value, to, end);
      to = end;
    } else {
      to = unpack(from, width, runs, output, to);
    }
  }
  return output;
}

/** Reads groups of eight bit-packed values, the lowest bits first. The last group may be cut short behind the last value. */
function unpack(reading: Reading, width: number, groups: number, output: Int32Array, from: number): number {
  const end = Math.min(from + groups * 8, output.length);
  const { bytes, at } = reading;
  let byte = at;
  const next = () => {
    const value = bytes[byte++];
    if (value === undefined) throw new Error("its bit-packed values end too early");
    return value;
  };
  let held = 0;
  let bits = 0;
  for (let to = from; to < end; to++) {
    if (width <= 24) {
      for (; bits < width; bits += 8) held |= next() << bits;
      output[to] = held & ((1 << width) - 1);
      held >>>= width;
    } else {
      // Up to 39 bits are held, which a double has exactly.
      for (; bits < width; bits += 8) held += next() * 2 ** bits;
      const rest = Math.floor(held / 2 ** width);
      output[to] = held - rest * 2 ** width;
      held = rest;
    }
    bits -= width;
  }
  reading.at = at + groups * width;
  return end;
}

/** Unsigned LEB128. */
function unsigned(from: Reading): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error("its runs end too early");
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new Error("the length of a run is damaged");
}

function littleEndian(from: Reading, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index++) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error("its runs end too early");
    value += byte * 2 ** (8 * index);
  }
  return value;
}
