/**
 * Decompresses an LZ4 block. This is own code, because the one of hyparquet-compressors does not notice a block that ends too
 * early, and leaves zeros behind it.
 *
 * @param length of the output
 * @throws when the block is damaged, or its output has another length
 */
export function lz4Block(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let at = 0;
  let to = 0;
  const more = (nibble: number) => {
    let size = nibble;
    if (nibble < 15) return size;
    for (;;) {
      const byte = input[at++];
      if (byte === undefined) throw damagedBlock();
      size += byte;
      if (byte < 255) return size;
    }
  };
  while (at < input.length) {
    const token = input[at++] as number;
    const literals = more(token >> 4);
    if (at + literals > input.length || to + literals > length) throw damagedBlock();
    output.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at === input.length) break;
    const distance = (input[at] as number) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    const matched = more(token & 15) + 4;
    if (distance === 0 || distance > to || to + matched > length) throw damagedBlock();
    for (const end = to + matched; to < end; to++) output[to] = output[to - distance] as number;
  }
  if (to !== length) throw damagedBlock();
  return output;
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

const damagedBlock = () => new Error("its LZ4 block is damaged");
