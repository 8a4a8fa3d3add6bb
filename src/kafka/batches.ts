import { decompressed } from "./codecs.js";
import { crc32c } from "./crc32c.js";

/** A record of a batch. */
export interface KafkaRecord {
  readonly offset: number;
  /** Milliseconds since 1970: creation or append time, as the topic is configured. */
  readonly timestampMs: number;
  readonly value: Buffer | null;
  /** Key, value and headers as they are stored: the same bytes however the record was compressed, or compacted since. */
  readonly body: Buffer;
}

/** Some records of a partition that lie together. What stands here is known without decompressing them. */
export interface Batch {
  readonly first: number;
  /** The last offset that it covers, though compaction may have removed the record. */
  readonly last: number;
  /** Records that are in it. */
  readonly count: number;
  /** Milliseconds since 1970, of its first record. */
  readonly timestampMs: number;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  /** Its one record is a marker, which says how a transaction ended. */
  readonly isControl: boolean;
  /** Bytes as stored. */
  readonly bytes: number;
  /** @throws TooLarge when they have more than `limit` bytes together, another Error when they are damaged */
  records(limit: number): Promise<KafkaRecord[]>;
}

/** Positions in a batch of format 2 (https://kafka.apache.org/documentation/#recordbatch). */
const magicAt = 16;
const checkedFrom = 21;
const headerBytes = 61;

/** True for records in a format from before Kafka 0.11. */
export const isOldFormat = (set: Buffer) => set.length > magicAt && set.readInt8(magicAt) < 2;

/** The batches of a Fetch response. The last one may be cut off, and is left out then. */
export function* batchesIn(set: Buffer): Generator<Batch> {
  for (let at = 0; at + headerBytes <= set.length; ) {
    const end = at + 12 + set.readInt32BE(at + 8);
    if (end > set.length) return;
    yield batchOf(set.subarray(at, end));
    at = end;
  }
}

function batchOf(batch: Buffer): Batch {
  const first = Number(batch.readBigInt64BE(0));
  const attributes = batch.readInt16BE(checkedFrom);
  const count = batch.readInt32BE(57);
  const appendedAt = (attributes & 8) === 0 ? undefined : Number(batch.readBigInt64BE(35));
  const base = { offset: first, timestampMs: Number(batch.readBigInt64BE(27)), appendedAt };
  return {
    ...{ first, count, bytes: batch.length, timestampMs: appendedAt ?? base.timestampMs },
    last: first + batch.readInt32BE(23),
    producerId: batch.readBigInt64BE(43),
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    records: async (limit) => {
      // What compaction has emptied holds not even the frame of its codec.
      if (count === 0) return [];
      if (crc32c(batch.subarray(checkedFrom)) !== batch.readUInt32BE(17))
        throw new Error("its checksum does not match");
      return recordsIn(await decompressed(attributes & 7, batch.subarray(headerBytes), limit), count, base);
    },
  };
}

interface Base {
  readonly offset: number;
  readonly timestampMs: number;
  /** The time of all its records, when the broker sets it. */
  readonly appendedAt: number | undefined;
}

function recordsIn(bytes: Buffer, count: number, base: Base): KafkaRecord[] {
  const records: KafkaRecord[] = [];
  let at = 0;
  /** Zigzag encoding: the sign is the lowest bit. Up to 2^53, which no offset or time reaches. */
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  /** A length below 0 is null. */
  const field = (): Buffer | null => {
    const length = varint();
    if (length < 0) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (records.length < count) {
    const length = varint();
    const end = at + length;
    if (end > bytes.length) throw new Error("it is cut off");
    at++; // attributes
    const timestampMs = base.appendedAt ?? base.timestampMs + varint();
    if (base.appendedAt !== undefined) varint();
    const offset = base.offset + varint();
    const body = bytes.subarray(at, end);
    field(); // key
    records.push({ offset, timestampMs, value: field(), body });
    at = end;
  }
  return records;
}
