import { brotliDecompressSync, unzipSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { lz4Block, lz4Hadoop } from "./lz4.js";
import { NotSupported } from "./not-supported.js";

/**
 * Decompresses (a part of) a page, into memory of its own: readers of values rely on its end.
 *
 * @param length of the output, as the page's header says
 * @throws when the bytes are damaged, or have another length, or the codec is not supported
 */
export function unpackPage(codec: CompressionCodec, input: Uint8Array, length: number): Uint8Array {
  // Writers disagree about what no bytes look like when they are compressed: nothing, or an empty frame.
  if (length === 0) return new Uint8Array(0);
  const output = unpacked(codec, input, length);
  if (output.length !== length)
    throw new Error(`it has ${output.length} bytes, where ${length} are announced`);
  // A copy: what zlib gives is a Buffer, whose slice() is the same memory.
  return output.byteLength === output.buffer.byteLength ? output : new Uint8Array(output);
}

function unpacked(codec: CompressionCodec, input: Uint8Array, length: number): Uint8Array {
  switch (codec) {
    case "UNCOMPRESSED":
      return input;
    case "GZIP":
      return unzipSync(input, { maxOutputLength: length });
    case "BROTLI":
      return brotliDecompressSync(input, { maxOutputLength: length });
    case "LZ4":
      return lz4Hadoop(input, length);
    case "LZ4_RAW":
      return lz4Block(input, length);
    case "SNAPPY":
      if (snappyLength(input) !== length) throw new Error("its Snappy data has another length");
      return decompressorOf(codec)(input, length);
    default:
      return decompressorOf(codec)(input, length);
  }
}

function decompressorOf(codec: CompressionCodec) {
  const decompress = compressors[codec];
  if (decompress === undefined)
    throw new NotSupported(`its compression ${codec ?? "of this number"} is not supported`);
  return decompress;
}

/** The output's length, which stands in front. */
function snappyLength(input: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = input[index] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return length;
}
