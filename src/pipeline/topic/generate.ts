import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { messageOf, PipectlError, unavailable } from "../../core/errors.js";
import { count as format } from "../../core/format.js";
import { openInputs } from "../../dataset/inputs/open.js";
import { synthesizeAside } from "../../dataset/synthetic/aside.js";
import { synthesize } from "../../dataset/synthetic/synthesize.js";
import type { SourceRecord } from "../../dataset/types.js";
import type { Workspace } from "../../workspace/workspace.js";

/** The records that were sent, counted from Kafka's acknowledgements. */
export interface Ledger {
  readonly topic: string;
  readonly sent: number;
  /** Malformed on purpose (`--malformed`). */
  readonly malformed: number;
  /** Copies of earlier records, on purpose (`--duplicates`). */
  readonly duplicates: number;
  /** Rows of a file that could not be read. They were sent unchanged, and become dead letters. */
  readonly unreadable: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** The first and last offset that each partition got. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly first: number;
    readonly last: number;
  }[];
  /** True when Ctrl-C ended it early. */
  readonly interrupted: boolean;
}

export interface GenerateOptions {
  /** Files to send, `-` for standard input; none for synthetic records. */
  readonly files: readonly string[];
  readonly stdin?: Readable;
  /** Number of records to send; endless when undefined. With files, the maximum. */
  readonly count?: number;
  /** Records per second; as fast as Kafka accepts them when undefined. */
  readonly rate?: number;
  /** Seconds between two batches. A batch then holds rate times this many records. */
  readonly every?: number;
  readonly seed: number;
  readonly malformed: number;
  readonly duplicates: number;
}

interface Marked extends SourceRecord {
  readonly kind?: "good" | "malformed" | "duplicate";
}

/** Keeps a request below Kafka's default limit for a batch, whatever partitions its records go to. */
const maxBatchBytes = 900_000;

/** From this number of synthetic records on, a second thread is worth its start-up time. */
const manyRecords = 50_000;

/** Sends records to the dataset's topic. Memory use does not grow with their number. */
export async function generate(workspace: Workspace, options: GenerateOptions): Promise<Ledger> {
  const { kafka, dataset, report, signal } = workspace;
  const topic = await kafka.describeTopic(dataset.topic);
  if (topic === undefined) {
    throw unavailable("topic_missing", `there is no topic ${dataset.topic}`, {
      hint: "pipectl create-topics",
    });
  }
  const source = await openSource(workspace, options);
  const sender = await kafka.sender(dataset.topic);
  const tally = { sent: 0, malformed: 0, duplicates: 0, bytes: 0 };
  const offsets = new Map<number, { first: number; last: number }>();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;

  const send = async (batch: readonly Marked[]) => {
    for (const { partition, first, count } of await sender.send(batch)) {
      const known = offsets.get(partition);
      offsets.set(partition, { first: known?.first ?? first, last: first + count - 1 });
    }
    for (const record of batch) {
      tally.sent++;
      tally.bytes += sizeOf(record);
      if (record.kind === "malformed") tally.malformed++;
      if (record.kind === "duplicate") tally.duplicates++;
    }
    report({
      type: "progress",
      text: `to ${dataset.topic}`,
      done: tally.sent,
      total: source.total(tally.sent),
      unit: "records",
      rate: tally.sent / seconds(),
    });
  };

  // One batch is being sent while the next is prepared.
  let inFlight: Promise<void> = Promise.resolve();
  try {
    let taken = 0;
    for await (const chunk of source.chunks) {
      for (const batch of batches(chunk)) {
        if (signal.aborted) break;
        await inFlight;
        inFlight = send(batch);
        inFlight.catch(() => {});
        taken += batch.length;
        if (options.rate !== undefined) {
          const due = dueSeconds(taken, options.rate, options.every);
          await delay(Math.max(0, (due - seconds()) * 1000), undefined, { signal }).catch(() => {});
        }
      }
      if (signal.aborted) break;
    }
    await inFlight;
  } catch (error) {
    throw afterSending(error, tally.sent);
  } finally {
    await inFlight.catch(() => {});
    await Promise.allSettled([sender.close(), source.close()]);
  }
  const elapsed = seconds();
  return {
    topic: dataset.topic,
    ...tally,
    unreadable: source.unreadable(),
    seconds: round(elapsed),
    recordsPerSecond: Math.round(tally.sent / elapsed),
    partitions: [...offsets]
      .map(([partition, range]) => ({ partition, ...range }))
      .sort((a, b) => a.partition - b.partition),
    interrupted: signal.aborted,
  };
}

interface Source {
  readonly chunks: Iterable<readonly Marked[]> | AsyncIterable<readonly Marked[]>;
  /** The expected total, as far as it is known after `sent`. */
  total(sent: number): number | undefined;
  unreadable(): number;
  close(): Promise<void>;
}

async function openSource(workspace: Workspace, options: GenerateOptions): Promise<Source> {
  const { dataset, config } = workspace;
  // A steady rate needs small chunks: otherwise the records of a second would be sent in one burst.
  const chunkSize =
    options.rate === undefined
      ? 2_500
      : Math.max(1, Math.min(2_500, Math.round(options.rate * (options.every ?? 0.05))));
  if (options.files.length === 0) {
    const { count, seed, malformed, duplicates } = options;
    const wanted = { seed, malformed, duplicates, chunkSize, ...(count === undefined ? {} : { count }) };
    // Called in both cases, because it validates the options.
    const here = synthesize(dataset, wanted);
    const isMany = options.rate === undefined && (count ?? 0) >= manyRecords;
    const script = pathToFileURL(join(config.root, "dist", "dataset", "synthetic", "worker.js"));
    return {
      chunks: isMany ? synthesizeAside(script, dataset, wanted) : here,
      total: () => count,
      unreadable: () => 0,
      close: async () => {},
    };
  }
  const inputs = await openInputs(dataset, options.files, options.stdin);
  return {
    chunks: limited(inputs.records(), options.count, chunkSize),
    total: (sent) => {
      const read = inputs.bytesRead();
      if (options.count !== undefined || inputs.totalBytes === undefined || read === 0) return options.count;
      return Math.max(sent, Math.round((sent * inputs.totalBytes) / read));
    },
    unreadable: () => inputs.unreadable(),
    close: async () => await inputs.close(),
  };
}

async function* limited(
  chunks: AsyncIterable<readonly Marked[]>,
  count: number | undefined,
  chunkSize: number,
): AsyncIterable<readonly Marked[]> {
  let left = count ?? Number.POSITIVE_INFINITY;
  for await (const chunk of chunks) {
    for (let i = 0; i < chunk.length && left > 0; i += chunkSize) {
      const part = chunk.slice(i, i + Math.min(chunkSize, left));
      left -= part.length;
      yield part;
    }
    if (left <= 0) return;
  }
}

function* batches(chunk: readonly Marked[]): Iterable<readonly Marked[]> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < chunk.length; i++) {
    const size = sizeOf(chunk[i] as Marked);
    if (i > from && bytes + size > maxBatchBytes) {
      yield chunk.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < chunk.length) yield from === 0 ? chunk : chunk.slice(from);
}

const sizeOf = (record: SourceRecord) => (record.key?.length ?? 0) + (record.value?.length ?? 0);

/** The time, in seconds from the start, at which record number `taken` may have been sent. */
function dueSeconds(taken: number, rate: number, every: number | undefined): number {
  return every === undefined ? taken / rate : Math.floor(taken / (rate * every)) * every;
}

/** Acknowledged records stay in the topic, so the error must mention them. */
function afterSending(error: unknown, sent: number): unknown {
  if (sent === 0 || !(error instanceof PipectlError)) return error;
  return new PipectlError(
    error.kind,
    error.code,
    `${messageOf(error)}\n${format(sent)} records had been sent and acknowledged before`,
    { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) },
  );
}

const round = (n: number) => Math.round(n * 1000) / 1000;
