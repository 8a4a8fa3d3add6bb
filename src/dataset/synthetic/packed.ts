import type { SyntheticRecord } from "./synthesize.js";

/** Records in transit between threads. Their bytes are in one buffer, which is transferred. */
export interface PackedRecords {
  /** Key and value of each record, concatenated. */
  readonly bytes: ArrayBuffer;
  /** Length of each key and each value; -1 for null. */
  readonly lengths: Int32Array;
  /** Index into `kinds`, for each record. */
  readonly kinds: Uint8Array;
}

const kinds = ["good", "malformed", "duplicate"] as const;
const sizeOf = (field: Buffer | null) => field?.length ?? 0;

export function pack(records: readonly SyntheticRecord[]): PackedRecords {
  const bytes = new Uint8Array(records.reduce((sum, { key, value }) => sum + sizeOf(key) + sizeOf(value), 0));
  const lengths = new Int32Array(records.length * 2);
  let at = 0;
  const put = (field: Buffer | null, index: number) => {
    lengths[index] = field?.length ?? -1;
    if (field !== null) bytes.set(field, at);
    at += sizeOf(field);
  };
  for (const [index, { key, value }] of records.entries()) {
    put(key, index * 2);
    put(value, index * 2 + 1);
  }
  return {
    bytes: bytes.buffer,
    lengths,
    kinds: Uint8Array.from(records, ({ kind }) => kinds.indexOf(kind)),
  };
}

/** Restores the records, over the same memory. */
export function unpack(packed: PackedRecords): Omit<SyntheticRecord, "fault">[] {
  const bytes = Buffer.from(packed.bytes);
  let at = 0;
  const take = (length: number) => {
    if (length < 0) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  return Array.from(packed.kinds, (kind, index) => ({
    key: take(packed.lengths[index * 2] ?? -1),
    value: take(packed.lengths[index * 2 + 1] ?? -1),
    kind: kinds[kind] ?? "good",
  }));
}
