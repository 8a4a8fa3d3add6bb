import { promisify } from "node:util";
import { unzip } from "node:zlib";
import { Output, TooLarge } from "../core/output.js";
import { unzstd } from "../core/zstd.js";
import { unlz4 } from "./lz4.js";
import { unsnappy } from "./snappy.js";

const unzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

type Codec = (bytes: Buffer, limit: number) => Promise<Buffer>;

const into = (decompress: (bytes: Buffer, output: Output) => void | Promise<void>): Codec => {
  return async (bytes, limit) => {
    const output = new Output(limit);
    await decompress(bytes, output);
    return output.written;
  };
};

/** By Kafka's number of the codec (the lowest three bits of a batch's attributes). */
const codecs: readonly Codec[] = [
  async (bytes) => bytes,
  async (bytes, limit) =>
    await unzipped(bytes, { maxOutputLength: limit }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ERR_BUFFER_TOO_LARGE" ? new TooLarge(limit) : error;
    }),
  into(unsnappy),
  into(unlz4),
  into(async (bytes, output) => {
    for await (const block of unzstd(piecesOf(bytes))) output.append(block);
  }),
];

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/**
 * Decompresses the records of a batch.
 *
 * @param codec Kafka's number: none, gzip, snappy, lz4, zstd
 * @param limit the most bytes that the result may have: 29 KB of zstd can hold 900 MB
 * @throws TooLarge when it would have more, another Error when it is damaged
 */
export async function decompressed(codec: number, bytes: Buffer, limit: number): Promise<Buffer> {
  const decompress = codecs[codec];
  if (decompress === undefined) throw new Error(`Kafka knows no codec ${codec}`);
  return await decompress(bytes, limit);
}
