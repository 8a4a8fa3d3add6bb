import { crc32c } from "../../../src/kafka/crc32c.js";

export interface Head {
  readonly first?: number;
  readonly attributes?: number;
  readonly maxTimestampMs?: number;
  readonly lastDelta?: number;
  readonly count?: number;
  readonly producerId?: bigint;
}

/** A batch as the broker stores it: with its offset, and whatever else stands in its head. */
export function stored(batch: Buffer, head: Head): Buffer {
  const bytes = Buffer.from(batch);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeBigInt64BE(BigInt(head.first ?? 0), 0);
  if (head.attributes !== undefined) bytes.writeInt16BE(head.attributes, 21);
  if (head.lastDelta !== undefined) bytes.writeInt32BE(head.lastDelta, 23);
  if (head.maxTimestampMs !== undefined) bytes.writeBigInt64BE(BigInt(head.maxTimestampMs), 35);
  if (head.producerId !== undefined) bytes.writeBigInt64BE(head.producerId, 43);
  if (head.count !== undefined) bytes.writeInt32BE(head.count, 57);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}
