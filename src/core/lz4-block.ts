import type { Output } from "./output.js";

/**
 * Decompresses an LZ4 block (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): literals and copies in turns, and literals at
 * the end. This is own code, because the one of hyparquet-compressors does not notice a block that ends too early, and has no limit.
 *
 * @throws TooLarge when the output would have more bytes than it may, another Error when the block is damaged
 */
export function unlz4Block(block: Uint8Array, output: Output): void {
  let at = 0;
  const next = (): number => {
    const byte = block[at++];
    if (byte === undefined) throw new Error("it is cut off");
    return byte;
  };
  /** A length that does not fit into its half of the token goes on in further bytes. */
  const lengthFrom = (half: number): number => {
    let length = half;
    for (let byte = half === 15 ? 255 : 0; byte === 255; length += byte) byte = next();
    return length;
  };
  while (at < block.length) {
    const token = next();
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length) throw new Error("it is cut off");
    output.append(block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    const distance = next() | (next() << 8);
    output.copy(distance, lengthFrom(token & 15) + 4);
  }
}
