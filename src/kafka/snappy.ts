import type { Output } from "../core/output.js";

/** How the stream of snappy-java (`xerial`) begins, which Kafka's Java producer writes; two versions follow. */
const header = Buffer.from("82534e4150505900", "hex");

/**
 * Decompresses Snappy: one block (librdkafka), or the framing of snappy-java around several (Kafka's Java producer).
 *
 * @throws when it is damaged
 */
export function unsnappy(input: Buffer, output: Output): void {
  if (!input.subarray(0, header.length).equals(header)) {
    unsnappyBlock(input, output);
    return;
  }
  let at = header.length + 8;
  while (at < input.length) {
    // Several streams may follow each other.
    if (input.subarray(at, at + header.length).equals(header)) at += header.length + 8;
    const length = input.readInt32BE(at);
    at += 4;
    const block = input.subarray(at, at + length);
    if (length < 0 || block.length < length) throw new Error("it is cut off");
    unsnappyBlock(block, output);
    at += length;
  }
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function unsnappyBlock(block: Buffer, output: Output): void {
  let at = 0;
  /** A little-endian number of up to four bytes. */
  const number = (bytes: number): number => {
    const value = block.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  const start = output.written.length;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = number(1);
    length += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  while (at < block.length) {
    const tag = number(1);
    const [kind, high] = [tag & 3, tag >> 2];
    if (kind === 0) {
      const literals = 1 + (high < 60 ? high : number(high - 59));
      if (at + literals > block.length) throw new Error("it is cut off");
      output.append(block.subarray(at, at + literals));
      at += literals;
    } else if (kind === 1) {
      output.copy(((tag >> 5) << 8) | number(1), (high & 7) + 4);
    } else {
      output.copy(number(kind === 2 ? 2 : 4), high + 1);
    }
  }
  if (output.written.length - start !== length) throw new Error("it has another length than it says");
}
