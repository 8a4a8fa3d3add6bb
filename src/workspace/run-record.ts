import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { recordCodec, unlessDamaged } from "../core/record-codec.js";
import type { JobResult } from "../flink/jobs.js";
import type { JobState } from "../flink/rest.js";

/** The last job of each kind of a dataset, as `process` saw it end. Flink itself forgets finished jobs. */
export interface RunRecord {
  readonly bronze?: RecordedJob;
  readonly silver?: RecordedJob;
}

export interface RecordedJob extends JobResult {
  /** ISO 8601. */
  readonly endedAt: string;
}

const job = z.looseObject({
  id: z.string(),
  name: z.string(),
  state: z.custom<JobState>((state) => typeof state === "string"),
  seconds: z.number().nonnegative(),
  endedAt: z.iso.datetime(),
});
const jobs = { bronze: job.exactOptional(), silver: job.exactOptional() };
const record1 = z.looseObject({ version: z.literal(1), ...jobs });
/** Had no number. */
const record0 = z.looseObject(jobs).transform((record) => ({ ...record, version: 1 as const }));

const codec = recordCodec<RunRecord & { readonly version: 1 }>(
  "the record of the last jobs",
  { 0: record0.pipe(record1), 1: record1 },
  // Nobody sees it: the jobs are judged as unknown.
  { code: "run_record_damaged", hint: "pipectl process writes another one" },
);

const pathOf = (home: string, dataset: string) => join(home, "runs", dataset, "last-jobs.json");
/** Where earlier versions kept the jobs of all datasets, each in place of the one before. */
const formerPathOf = (home: string) => join(home, "runs", "last-jobs.json");

/**
 * Empty where there is no record, or none that can be read: the file is written in one rename, so that is somebody else's
 * work, and the jobs are judged as unknown.
 *
 * @throws PipectlError (failed) `state_newer`
 */
export async function readRunRecord(home: string, dataset: string): Promise<RunRecord> {
  return (await recordIn(pathOf(home, dataset))) ?? ofDataset(await recordIn(formerPathOf(home)), dataset);
}

async function recordIn(path: string): Promise<RunRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { version: _, ...record } = unlessDamaged(() => codec.decode(text, path)) ?? { version: 1 };
  return record;
}

/** A job's name has the dataset's as its third word. */
const ofDataset = (record: RunRecord = {}, dataset: string): RunRecord =>
  Object.fromEntries(
    Object.entries(record).filter(([, job]) => (job as RecordedJob).name?.split(" ")[2] === dataset),
  );

/** @throws PipectlError (failed) `state_newer` */
export async function recordJob(
  home: string,
  dataset: string,
  kind: keyof RunRecord,
  job: JobResult,
): Promise<void> {
  const path = pathOf(home, dataset);
  await mkdir(dirname(path), { recursive: true });
  const text = codec.encode({
    version: 1,
    ...(await readRunRecord(home, dataset)),
    [kind]: { ...job, endedAt: new Date().toISOString() },
  });
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}
