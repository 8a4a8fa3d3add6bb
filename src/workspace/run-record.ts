import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobResult } from "../flink/jobs.js";

/** The last job of each kind, as `process` saw it end. Flink itself forgets finished jobs. */
export interface RunRecord {
  readonly bronze?: RecordedJob;
  readonly silver?: RecordedJob;
}

export interface RecordedJob extends JobResult {
  /** ISO 8601. */
  readonly endedAt: string;
}

const pathOf = (home: string) => join(home, "runs", "last-jobs.json");

export async function readRunRecord(home: string): Promise<RunRecord> {
  const text = await readFile(pathOf(home), "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) as RunRecord;
  } catch {
    // The file is written by a rename, so somebody else damaged it. The jobs count as unknown.
    return {};
  }
}

export async function recordJob(home: string, kind: keyof RunRecord, job: JobResult): Promise<void> {
  const path = pathOf(home);
  await mkdir(join(home, "runs"), { recursive: true });
  const record = {
    ...(await readRunRecord(home)),
    [kind]: { ...job, endedAt: new Date().toISOString() },
  };
  await writeFile(`${path}.tmp`, JSON.stringify(record, undefined, 2));
  await rename(`${path}.tmp`, path);
}
