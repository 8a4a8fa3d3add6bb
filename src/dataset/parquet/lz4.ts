import { unlz4Block } from "../../core/lz4-block.js";
import { Output } from "../../core/output.js";

/**
 * Decompresses an LZ4 block.
 *
 * @param length of the output
 * @throws when the block is damaged, or its output has another length
 */
export function lz4Block(input: Uint8Array, length: number): Uint8Array {
  const output = new Output(length, length);
  try {
    unlz4Block(input, output);
  } catch (error) {
    throw damagedBlock(error);
  }
  if (output.written.length !== length) throw damagedBlock();
  return output.written;
}

/**
 * Decompresses Parquet's older LZ4 codec: blocks in Hadoop's framing (big-endian lengths of output and input in front of each),
 * or a bare block, as some writers made it.
 *
 * @throws when it is neither
 */
export function lz4Hadoop(input: Uint8Array, length: number): Uint8Array {
  const blocks = hadoopBlocks(input, length);
  if (blocks === undefined) return lz4Block(input, length);
  const output = new Uint8Array(length);
  let to = 0;
  for (const { block, size } of blocks) {
    output.set(lz4Block(block, size), to);
    to += size;
  }
  return output;
}

/** @returns undefined when the lengths do not add up: then it is a bare block */
function hadoopBlocks(input: Uint8Array, length: number) {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const blocks: { readonly block: Uint8Array; readonly size: number }[] = [];
  let made = 0;
  for (let at = 0; at < input.length; ) {
    if (at + 8 > input.length) return undefined;
    const size = view.getUint32(at);
    const end = at + 8 + view.getUint32(at + 4);
    if (end > input.length || made + size > length) return undefined;
    blocks.push({ block: input.subarray(at + 8, end), size });
    made += size;
    at = end;
  }
  return made === length ? blocks : undefined;
}

const damagedBlock = (cause?: unknown) => new Error("its LZ4 block is damaged", { cause });
