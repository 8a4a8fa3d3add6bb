import { crc32c } from "./crc32c.js";

/** A null value is a tombstone; a null key leaves the choice of the partition to the producer. */
export interface ProducerRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** The producer of a batch, and the batch's sequence number in its partition. Kafka accepts each number once. */
export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
}

const headerBytes = 61;
/** The checksum covers everything from here on. */
const checkedFrom = 21;
/** Upper limit for the bytes of a record beside key and value: lengths, attributes, offset delta, number of headers. */
const mostAround = 24;

/**
 * Encodes a record batch of format 2, uncompressed (https://kafka.apache.org/documentation/#recordbatch). kafkajs does it with several
 * objects and a buffer for each record, which takes about twice as long as making the record itself.
 *
 * @param timestampMs of all its records
 */
export function recordBatch(
  records: readonly ProducerRecord[],
  { producerId, producerEpoch, sequence }: BatchOrigin,
  timestampMs: number,
): Buffer {
  const target = Buffer.allocUnsafeSlow(records.reduce(mostBytes, headerBytes));
  let at = headerBytes;
  for (let index = 0; index < records.length; index++) {
    at = writeRecord(target, at, records[index] as ProducerRecord, index);
  }
  const batch = target.subarray(0, at);
  batch.writeBigInt64BE(0n, 0); // the offset, which the broker gives
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12); // the leader's epoch, the broker's too
  batch.writeInt8(2, 16);
  batch.writeInt16BE(0, checkedFrom); // attributes
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(timestampMs), 27);
  batch.writeBigInt64BE(BigInt(timestampMs), 35);
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(sequence, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(checkedFrom)), 17);
  return batch;
}

const mostBytes = (sum: number, { key, value }: ProducerRecord) =>
  sum + mostAround + (key?.length ?? 0) + (value?.length ?? 0);

/** @returns the position after the record */
function writeRecord(target: Buffer, from: number, { key, value }: ProducerRecord, index: number): number {
  // After the length: attributes, timestamp delta, offset delta, key, value, headers.
  const length = 2 + varintBytes(index) + fieldBytes(key) + fieldBytes(value) + 1;
  let at = writeVarint(target, from, length);
  target[at++] = 0;
  target[at++] = 0;
  at = writeVarint(target, at, index);
  at = writeField(target, at, key);
  at = writeField(target, at, value);
  target[at++] = 0;
  return at;
}

const fieldBytes = (field: Buffer | null) => (field === null ? 1 : varintBytes(field.length) + field.length);

function writeField(target: Buffer, at: number, field: Buffer | null): number {
  if (field === null) return writeVarint(target, at, -1);
  const start = writeVarint(target, at, field.length);
  target.set(field, start);
  return start + field.length;
}

/** Zigzag encoding: the sign is the lowest bit, so that small numbers of either sign are short. */
const zigzag = (value: number) => ((value << 1) ^ (value >> 31)) >>> 0;

const varintBytes = (value: number) => Math.ceil((32 - Math.clz32(zigzag(value) | 1)) / 7);

function writeVarint(target: Buffer, from: number, value: number): number {
  let rest = zigzag(value);
  let at = from;
  for (; rest > 127; rest >>>= 7) target[at++] = (rest & 127) | 128;
  target[at++] = rest;
  return at;
}
