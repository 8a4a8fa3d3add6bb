import { setTimeout as delay } from "node:timers/promises";
import { failed, messageOf, unavailable } from "../core/errors.js";
import { type Batch, batchesIn, isOldFormat, type KafkaRecord } from "./batches.js";
import type { Broker, Cluster } from "./cluster.js";
import { committedOf } from "./committed.js";
import { crc32c } from "./crc32c.js";
import { fetchRecords } from "./fetch.js";

export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** A committed record of a partition. */
export interface Committed {
  readonly offset: number;
  /** Milliseconds since 1970: creation or append time, as the topic is configured. */
  readonly timestampMs: number;
}

/** By what a record is recognised, whatever becomes of the batch that it came in. */
export interface Fingerprint extends Committed {
  /** CRC-32C of its key, value and headers as Kafka stores them. */
  readonly checksum: number;
}

/** The most bytes that the records of a batch may have together: a batch is held in memory as a whole. */
const batchLimit = 256 * 1024 * 1024;
/** Milliseconds. A broker that answers has what was asked for; one that limits its clients' rate answers nothing for a while. */
const silenceMs = 10_000;
const pauseMs = 50;

/**
 * Reads the batches that have committed records of one partition, from the one with `start` up to, not including, `end`, fetch by
 * fetch. Transaction markers and batches of aborted transactions are left out.
 *
 * @param fetchBytes the most bytes that one fetch brings; it always brings at least one batch
 * @param signal aborts between two fetches
 * @throws PipectlError (unavailable) `topic_silent` when for ten seconds Kafka gives nothing, though it has more
 */
async function* batchesOf(
  cluster: Cluster,
  topic: string,
  { partition, start, end }: PartitionRange,
  fetchBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Batch[]> {
  const broker = await leaderOf(cluster, topic, partition);
  let offset = start;
  let silentSince = performance.now();
  while (offset < end) {
    signal.throwIfAborted();
    const { records, aborted } = await fetchRecords(broker, topic, { partition, offset, bytes: fetchBytes });
    if (isOldFormat(records))
      throw unreadable(topic, partition, offset, "they are in a format from before Kafka 0.11");
    const batches = [...batchesIn(records)];
    const last = batches.at(-1);
    if (last === undefined) {
      if (performance.now() - silentSince > silenceMs) throw silent(topic, partition, offset);
      await delay(pauseMs, undefined, { signal });
      continue;
    }
    yield committedOf(batches, aborted).filter((batch) => batch.last >= offset && batch.first < end);
    offset = last.last + 1;
    silentSince = performance.now();
  }
}

async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`);
  return await cluster.findBroker({ nodeId });
}

/** Reads one partition's committed records of a range, in order, some at a time; otherwise as `batchesOf`. */
export async function* readPartition(
  cluster: Cluster,
  topic: string,
  range: PartitionRange,
  fetchBytes: number,
  signal: AbortSignal,
): AsyncGenerator<readonly KafkaRecord[]> {
  for await (const batches of batchesOf(cluster, topic, range, fetchBytes, signal)) {
    for (const batch of batches) yield await recordsIn(topic, batch, range);
  }
}

/** @throws PipectlError (failed) `batch_unreadable` */
async function recordsIn(
  topic: string,
  batch: Batch,
  { partition, start, end }: PartitionRange,
): Promise<KafkaRecord[]> {
  try {
    const records = await batch.records(batchLimit);
    return records.filter(({ offset }) => offset >= start && offset < end);
  } catch (error) {
    const size = `a batch of ${batch.count} records in ${batch.bytes} bytes`;
    throw unreadable(topic, partition, batch.first, `${size}: ${messageOf(error)}`);
  }
}

/** Counts the committed records of a range. A batch says how many it has, so most of them are not decompressed. */
export async function countRecords(
  cluster: Cluster,
  topic: string,
  range: PartitionRange,
  signal: AbortSignal,
): Promise<number> {
  let records = 0;
  for await (const batches of batchesOf(cluster, topic, range, 8 * 1024 * 1024, signal)) {
    for (const batch of batches) records += await countIn(topic, batch, range);
  }
  return records;
}

async function countIn(topic: string, batch: Batch, range: PartitionRange): Promise<number> {
  const { first, last, count } = batch;
  const [from, to] = [Math.max(first, range.start), Math.min(last + 1, range.end)];
  // Of a batch that compaction has taken records from, only its records tell which ones.
  if (count === last - first + 1) return to - from;
  return from === first && to === last + 1 ? count : (await recordsIn(topic, batch, range)).length;
}

/** The first committed record of a range; undefined when it holds none. */
export async function firstRecord(
  cluster: Cluster,
  topic: string,
  range: PartitionRange,
  signal: AbortSignal,
): Promise<Fingerprint | undefined> {
  for await (const [first] of readPartition(cluster, topic, range, 1, signal)) {
    if (first !== undefined) return fingerprint(first);
  }
  return undefined;
}

/** Offsets before the end of a range in which its last record is looked for: one, or those of markers and aborted records after it. */
const windows = [1, 32, 1024];

/** The last committed record of a range; undefined when the last thousand offsets hold none. */
export async function lastRecord(
  cluster: Cluster,
  topic: string,
  { partition, start, end }: PartitionRange,
  signal: AbortSignal,
): Promise<Fingerprint | undefined> {
  for (const window of windows) {
    const range = { partition, start: Math.max(start, end - window), end };
    let last: KafkaRecord | undefined;
    for await (const records of readPartition(cluster, topic, range, 64 * 1024, signal))
      last = records.at(-1) ?? last;
    if (last !== undefined) return fingerprint(last);
    if (range.start === start) break;
  }
  return undefined;
}

const fingerprint = ({ offset, timestampMs, body }: KafkaRecord): Fingerprint => ({
  offset,
  timestampMs,
  checksum: crc32c(body),
});

const silent = (topic: string, partition: number, offset: number) =>
  unavailable(
    "topic_silent",
    `Kafka gave no record of partition ${partition} of ${topic} from offset ${offset} on within ${silenceMs / 1000} s, although there are some`,
    { hint: "pipectl logs kafka" },
  );

const unreadable = (topic: string, partition: number, offset: number, why: string) =>
  failed(
    "batch_unreadable",
    `the records of partition ${partition} of ${topic} from offset ${offset} on cannot be read: ${why}`,
    { hint: "ask who produces to the topic for smaller batches; nothing has changed" },
  );
