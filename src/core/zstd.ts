import { Decompress } from "fzstd";

/** The window limit of the `zstd` program without further options (--long=27). */
const maxWindowBytes = 128 * 1024 * 1024;

/** A block of up to 128 KiB may be compressed to four bytes. This many bytes at a time bound the output of one step. */
const stepBytes = 2048;

/**
 * Decompresses zstd, with all of its frames. Checksums are not verified.
 *
 * @throws when it is truncated, is not zstd, or needs more than 128 MiB of memory
 */
export async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let blocks: Uint8Array[] = [];
  const frames = new Decompress((block) => {
    if (block.length > 0) blocks.push(block);
  });
  let head = Buffer.alloc(0);
  let checked = false;
  for await (const piece of source) {
    let chunk = piece;
    if (!checked) {
      head = Buffer.concat([head, chunk]);
      if (head.length < longestHeader) continue;
      requireSmallWindow(head);
      checked = true;
      chunk = head;
    }
    for (let at = 0; at < chunk.length; at += stepBytes) {
      frames.push(chunk.subarray(at, at + stepBytes));
      yield* asBuffers(blocks);
      blocks = [];
    }
  }
  if (!checked) frames.push(head);
  frames.push(new Uint8Array(0), true);
  yield* asBuffers(blocks);
}

function* asBuffers(blocks: readonly Uint8Array[]): Generator<Buffer> {
  for (const block of blocks) yield Buffer.from(block.buffer, block.byteOffset, block.byteLength);
}

/** Magic number, descriptor, window, dictionary and content size (RFC 8878, 3.1.1). */
const longestHeader = 18;

/** fzstd allocates the window at once, whatever size a file's header requests. */
function requireSmallWindow(head: Buffer): void {
  if (head.readUInt32LE(0) !== 0xfd2fb528) return;
  const descriptor = head.readUInt8(4);
  const isSingle = (descriptor & 0x20) !== 0;
  let window: number;
  if (isSingle) {
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const at = 5 + dictionaryBytes;
    const sizes = [
      () => head.readUInt8(at),
      () => head.readUInt16LE(at) + 256,
      () => head.readUInt32LE(at),
      () => Number(head.readBigUInt64LE(at)),
    ];
    window = sizes[descriptor >> 6]?.() ?? 0;
  } else {
    const byte = head.readUInt8(5);
    const base = 2 ** (10 + (byte >> 3));
    window = base + (base / 8) * (byte & 7);
  }
  if (window > maxWindowBytes)
    throw new Error(`it needs a window of more than ${maxWindowBytes / 1024 / 1024} MiB`);
}
