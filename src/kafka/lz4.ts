import { unlz4Block } from "../core/lz4-block.js";
import type { Output } from "../core/output.js";

/** How a frame begins. */
const magic = 0x184d2204;

/**
 * Decompresses LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), one after the other. Checksums are not
 * compared: Kafka's own covers the batch, and producers before 0.10 wrote a wrong one into the frame.
 *
 * @throws when they are damaged
 */
export function unlz4(input: Buffer, output: Output): void {
  let at = 0;
  while (at < input.length) {
    if (input.readUInt32LE(at) !== magic) throw new Error("it is no LZ4 frame");
    const flags = input.readUInt8(at + 4);
    const [hasBlockChecksum, hasSize, hasChecksum, hasDictionary] = [0x10, 0x08, 0x04, 0x01].map(
      (bit) => (flags & bit) !== 0,
    );
    // Magic number, flags, block size, [content size], [dictionary], checksum of the header.
    at += 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
    for (;;) {
      const word = input.readUInt32LE(at);
      at += 4;
      if (word === 0) break;
      const length = word & 0x7fffffff;
      const block = input.subarray(at, at + length);
      if (block.length < length) throw new Error("it is cut off");
      // The highest bit: a block that is stored as it is.
      if (word > 0x7fffffff) output.append(block);
      else unlz4Block(block, output);
      at += length + (hasBlockChecksum ? 4 : 0);
    }
    if (hasChecksum) at += 4;
  }
}
