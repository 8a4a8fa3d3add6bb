import { count } from "../core/format.js";
import { sum } from "../core/sum.js";
import type { Snapshot, Table } from "../iceberg/catalog.js";
import { ancestorsOf, isAppend, jobOf } from "../lake/lineage.js";

/** What a run landed: a batch job, or of a stream so many checkpoints that they are enough records to judge. */
export interface RunShare {
  readonly records: number;
  readonly dead: number;
}

/** Fewer say nothing: one malformed record of ten is 10 %. */
const fewest = 100;
/** Above it a run is worth a look, if its share is also so many times what was usual in the runs before. */
const unusual = { share: 0.05, times: 10 };
const lookBack = 10;
/** The checkpoint that Iceberg's sink notes for the end of a batch job. */
const endOfBatch = "9223372036854775807";

/**
 * The last runs, newest first, by what the snapshots' summaries say was added. That reads no row, holds for whoever ran them, and goes back as
 * far as the tables keep snapshots.
 */
export function lastRuns(bronze: Table | undefined, dlq: Table | undefined): RunShare[] {
  const units = new Map<
    string,
    { job: string; at: number; streams: boolean; records: number; dead: number }
  >();
  const add = (table: Table | undefined, dead: boolean) => {
    for (const snapshot of table === undefined ? [] : ancestorsOf(table)) {
      const job = jobOf(snapshot);
      if (!isAppend(snapshot) || job === "") continue;
      const checkpoint = checkpointOf(snapshot);
      const unit = units.get(`${job} ${checkpoint}`) ?? {
        ...{ job, at: 0, streams: checkpoint !== endOfBatch, records: 0, dead: 0 },
      };
      const rows = Number(snapshot.summary["added-records"] ?? 0);
      unit.records += rows;
      unit.dead += dead ? rows : 0;
      unit.at = Math.max(unit.at, snapshot.timestampMs);
      units.set(`${job} ${checkpoint}`, unit);
    }
  };
  add(bronze, false);
  add(dlq, true);
  const runs: { job: string; streams: boolean; records: number; dead: number }[] = [];
  for (const unit of [...units.values()].sort((a, b) => b.at - a.at)) {
    const last = runs.at(-1);
    if (last?.streams === true && last.job === unit.job && last.records < fewest) {
      last.records += unit.records;
      last.dead += unit.dead;
    } else {
      runs.push({ ...unit });
    }
  }
  return runs.map(({ records, dead }) => ({ records, dead })).filter(({ records }) => records > 0);
}

/** Versions of Iceberg's sink differ in whether they note one for a batch job. */
const checkpointOf = ({ summary }: Snapshot) => summary["flink.max-committed-checkpoint-id"] ?? endOfBatch;

/**
 * What is unusual about the dead letters of the last run, as a text; undefined where nothing is. All records of a run are always unusual.
 *
 * @param limit a share that is allowed, from 0 to 1, whatever was usual and however few records; undefined for none
 */
export function unusualShare([last, ...before]: readonly RunShare[], limit?: number): string | undefined {
  if (last === undefined || last.dead === 0) return undefined;
  const share = last.dead / last.records;
  const earlier = before.slice(0, lookBack);
  const usual = shareOf(earlier);
  const all = last.dead === last.records;
  const isUnusual =
    limit === undefined
      ? all ||
        (last.records >= fewest &&
          usual !== undefined &&
          share > unusual.share &&
          share > unusual.times * usual)
      : share > limit;
  if (!isUnusual) return undefined;
  const whole = all ? `all ${count(last.records)}` : `${count(last.dead)} of ${count(last.records)}`;
  const than = usual === undefined ? "" : `, ${percent(usual)} in the runs before`;
  return `${whole} new records became dead letters (${percent(share)}${than})`;
}

function shareOf(runs: readonly RunShare[]): number | undefined {
  const records = sum(runs.map((run) => run.records));
  return records === 0 ? undefined : sum(runs.map((run) => run.dead)) / records;
}

const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;
