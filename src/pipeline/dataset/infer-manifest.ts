import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { usage } from "../../core/errors.js";
import { placeNew } from "../../core/new-file.js";
import type { Report } from "../../core/report.js";
import { manifestText } from "../../dataset/infer/manifest-text.js";
import type { Observation } from "../../dataset/infer/observation.js";
import { observeInputs } from "../../dataset/infer/observe.js";
import { type Origin, planDataset } from "../../dataset/infer/plan.js";
import type { KafkaClient } from "../../kafka/client.js";
import { observeTopic } from "./observe-topic.js";

export interface InferOptions {
  /** The project's root: the manifest is written to its `datasets` folder. */
  readonly root: string;
  readonly name: string;
  /** Files, `-`, or one `topic:NAME`. */
  readonly inputs: readonly string[];
  /** Number of records to read; by default all of a file, or 1,000 of a topic. */
  readonly sample?: number | undefined;
  /** Whether CSV files have a header, if somebody has said so. */
  readonly hasHeader?: boolean | undefined;
  readonly stdin?: Readable | undefined;
  /** Connects to Kafka; called only for a topic. */
  readonly kafka: () => Promise<KafkaClient>;
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface InferResult {
  readonly dataset: string;
  readonly path: string;
  /** Records that were read. */
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly source: string;
    readonly type: string;
    readonly silver: string;
    readonly reason: string;
  }[];
  readonly naturalKey: readonly string[];
  readonly eventTime: string | null;
  readonly notes: readonly string[];
}

/** Names of tables are made from it. */
const nameForm = /^[a-z][a-z0-9_]{0,62}$/;
const topicPrefix = "topic:";
/** As in the taxi dataset: enough for several readers, and few enough for few files. */
const usualPartitions = 3;

/**
 * Writes `datasets/NAME.yml` from the contents of the inputs. The file is created completely or not at all, and replaces no
 * other.
 *
 * @throws usage errors `name_invalid`, `manifest_exists`, `input_…`; unavailable `topic_missing`, `topic_silent`
 */
export async function inferDataset(options: InferOptions): Promise<InferResult> {
  const { root, name, inputs, signal, day } = options;
  if (!nameForm.test(name)) {
    throw usage("name_invalid", `--name is '${name}', but must be snake_case: a-z, 0-9 and '_', at most 63`);
  }
  const path = join(root, "datasets", `${name}.yml`);
  if (existsSync(path)) throw exists(path);
  const topics = inputs.filter((input) => input.startsWith(topicPrefix));
  if (topics.length > 0 && inputs.length > 1) {
    throw usage("input_format", "a topic is an input by itself", { hint: "Name one topic, or files." });
  }
  const [topic] = topics;
  const { seen, origin } =
    topic === undefined ? await ofFiles(options) : await ofTopic(options, topic.slice(topicPrefix.length));
  signal.throwIfAborted();
  const plan = planDataset(seen, { name, day, ...origin });
  if (plan.columns.length === 0) {
    const why = plan.notes.join("; ");
    throw usage("no_columns", `nothing in ${plan.origin.from} can be a column: ${why}`, {
      hint: "Nothing was written.",
    });
  }
  await mkdir(dirname(path), { recursive: true });
  await writeNew(path, manifestText(plan));
  return {
    dataset: name,
    path,
    rows: plan.records,
    columns: plan.columns.map(({ name, source, type, silver, reason }) => ({
      name,
      source,
      type,
      silver,
      reason,
    })),
    naturalKey: plan.naturalKey,
    eventTime: plan.eventTime?.name ?? null,
    notes: plan.notes,
  };
}

interface Found {
  readonly seen: Observation;
  readonly origin: Omit<Origin, "name" | "day">;
}

async function ofFiles({
  inputs,
  sample,
  hasHeader,
  stdin,
  report,
  signal,
  name,
}: InferOptions): Promise<Found> {
  const onRecords = (done: number) => report({ type: "progress", text: "reading", done, unit: "records" });
  const seen = await observeInputs({ inputs, stdin, limit: sample, hasHeader, onRecords, signal });
  const from = inputs.map((input) => (input === "-" ? "standard input" : basename(input))).join(", ");
  return {
    seen,
    origin: {
      from: inputs.length > 3 ? `${basename(inputs[0] as string)} and ${inputs.length - 1} more files` : from,
      topic: `${name}.raw`,
      partitions: usualPartitions,
      isSample: sample !== undefined && seen.records >= sample,
    },
  };
}

async function ofTopic(
  { kafka, sample = 1000, report, signal }: InferOptions,
  topic: string,
): Promise<Found> {
  const { observation, partitions, isSample } = await observeTopic(
    await kafka(),
    topic,
    sample,
    report,
    signal,
  );
  return { seen: observation, origin: { from: `topic ${topic}`, topic, partitions, isSample } };
}

async function writeNew(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    if (!(await placeNew(temporary, path))) throw exists(path);
  } finally {
    await rm(temporary, { force: true });
  }
}

const exists = (path: string) =>
  usage("manifest_exists", `there is already a dataset ${path}`, {
    hint: "Take another --name, or move that file away.",
  });
