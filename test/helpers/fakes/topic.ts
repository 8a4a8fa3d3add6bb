import { unavailable } from "../../../src/core/errors.js";
import type { KafkaClient } from "../../../src/kafka/client.js";
import { crc32c } from "../../../src/kafka/crc32c.js";
import type { Fingerprint, PartitionRange } from "../../../src/kafka/read-partition.js";

/** What a test sends: of its fields only those that decide where its row goes. */
export interface FakeRecord {
  /** Natural key. */
  readonly key: string;
  /** Date of silver, YYYY-MM-DD. */
  readonly date: string;
  readonly value: number;
  /** The reader cannot read it: a dead letter. */
  readonly bad?: true;
  /** The value of a field that the manifest does not name: bronze keeps it apart. */
  readonly extra?: number;
  /** Silver's filters hold it back. */
  readonly filtered?: true;
}

/** A record where it stands. */
export interface Sent {
  readonly partition: number;
  readonly offset: number;
  /** Kafka's, in milliseconds. */
  readonly timestamp: number;
  readonly record: FakeRecord;
}

export interface FakeTopic {
  readonly client: Pick<
    KafkaClient,
    | "topicOffsets"
    | "countRecords"
    | "firstRecord"
    | "recordAt"
    | "lastRecord"
    | "commitOffsets"
    | "committedOffsets"
    | "close"
  >;
  /** What consumer groups show, by partition. */
  readonly group: Map<number, number>;
  /** Sends records, each a millisecond later than the one before; undefined is an offset that holds no committed record. */
  send(partition: number, ...records: (FakeRecord | undefined)[]): void;
  /** Sends a record with a timestamp of its producer's choice. */
  sendAt(timestamp: number, partition: number, record: FakeRecord): void;
  /** The records from one offset up to another; all that are there unless told. */
  read(partition: number, from?: number, to?: number): Sent[];
  end(partition: number): number;
  partitions(): number;
  /** Kafka removes what lies before `first`. */
  truncate(partition: number, first: number): void;
  /** Compaction removes the records at these offsets. */
  compact(partition: number, ...offsets: number[]): void;
  /** Kafka is restored from a copy of which this was the end. */
  restore(partition: number, end: number): void;
  /** Deletes the topic and makes another one of its name. */
  remake(partitions?: number): void;
}

interface Log {
  first: number;
  readonly records: (Pick<Sent, "record" | "timestamp"> | undefined)[];
}

/** As Kafka's client gives it: of the record's bytes. */
const fingerprint = (sent: Sent | undefined): Fingerprint | undefined =>
  sent === undefined
    ? undefined
    : {
        offset: sent.offset,
        timestampMs: sent.timestamp,
        checksum: crc32c(Buffer.from(JSON.stringify(sent.record))),
      };

/** A topic in memory. */
export function fakeTopic(partitions = 2): FakeTopic {
  let made = 0;
  let now = 1_000;
  let logs: Log[] = [];
  const group = new Map<number, number>();
  const remake = (count = logs.length) => {
    made += 1;
    logs = Array.from({ length: count }, () => ({ first: 0, records: [] }));
  };
  remake(partitions);
  const logOf = (partition: number): Log => {
    const log = logs[partition];
    if (log === undefined) throw unavailable("topic_missing", `there is no partition ${partition}`);
    return log;
  };
  const read: FakeTopic["read"] = (partition, from = 0, to = Number.POSITIVE_INFINITY) => {
    const { first, records } = logOf(partition);
    return records.flatMap((sent, offset) =>
      sent === undefined || offset < Math.max(first, from) || offset >= to
        ? []
        : [{ partition, offset, ...sent }],
    );
  };
  const inRange = ({ partition, start, end }: PartitionRange) => read(partition, start, end);
  return {
    group,
    read,
    remake,
    partitions: () => logs.length,
    end: (partition) => logOf(partition).records.length,
    send: (partition, ...records) => {
      for (const record of records)
        logOf(partition).records.push(record === undefined ? undefined : { record, timestamp: ++now });
    },
    sendAt: (timestamp, partition, record) => void logOf(partition).records.push({ record, timestamp }),
    truncate: (partition, first) => {
      logOf(partition).first = first;
    },
    compact: (partition, ...offsets) => {
      for (const offset of offsets) logOf(partition).records[offset] = undefined;
    },
    restore: (partition, end) => void logOf(partition).records.splice(end),
    client: {
      topicOffsets: async () => ({
        id: `topic-${made}`,
        partitions: logs.map(({ first, records }, partition) => ({ partition, first, end: records.length })),
      }),
      countRecords: async (_topic, range) => inRange(range).length,
      firstRecord: async (_topic, range) => {
        const [found] = inRange(range);
        return found === undefined ? undefined : { offset: found.offset, timestampMs: Date.now() };
      },
      recordAt: async (_topic, { partition, offset }) => fingerprint(read(partition, offset, offset + 1)[0]),
      lastRecord: async (_topic, range) => fingerprint(inRange(range).at(-1)),
      commitOffsets: async (_group, _topic, offsets) => {
        for (const [partition, offset] of offsets) group.set(partition, offset);
      },
      committedOffsets: async () =>
        new Map(logs.map((_log, partition) => [partition, group.get(partition) ?? null])),
      close: async () => {},
    },
  };
}
