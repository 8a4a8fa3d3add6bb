import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { unzstd } from "../../core/zstd.js";
import type { Packing } from "./packing.js";

/** Large enough that the cost per chunk does not matter. */
const chunkBytes = 256 * 1024;

/** Reads a file in chunks, and reports the number of bytes of each. The file is closed when the reading ends, also early. */
export async function* fileBytes(path: string, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    onBytes((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

/**
 * Decompresses gzip, with all of its members.
 *
 * @throws when it is truncated or its checksum is wrong
 */
async function* gunzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // The callback only keeps pipeline from throwing: the loop below sees the same error.
  const unpacked = pipeline(source, createGunzip({ chunkSize: chunkBytes }), () => {});
  for await (const chunk of unpacked) yield chunk as Buffer;
}

/** Decompresses the input if needed. @throws when it is truncated, or damaged as far as its format shows */
export function unpacked(source: AsyncIterable<Buffer>, packing: Packing | undefined): AsyncIterable<Buffer> {
  if (packing === "gzip") return gunzipped(source);
  return packing === "zstd" ? unzstd(source) : source;
}

/**
 * Reads the first bytes without consuming them.
 *
 * @returns at least `length` bytes, unless the input is shorter, and all bytes from the beginning
 */
export async function peek(
  source: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < length) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, Buffer.from(next.value)]);
  }
  const all = async function* () {
    try {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); !next.done; next = await iterator.next())
        yield Buffer.from(next.value);
    } finally {
      await iterator.return?.();
    }
  };
  return { head, all: all() };
}
