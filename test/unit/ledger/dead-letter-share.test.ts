import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import { lastRuns, type RunShare, unusualShare } from "../../../src/ledger/dead-letter-share.js";
import { icebergTable, landing, snapshot } from "../../helpers/tables.js";

const run = (records: number, dead: number): RunShare => ({ records, dead });

/** An append of a job at a checkpoint: one of a batch job has none, or the last one that there is. */
function append(
  id: string,
  parent: string | null,
  rows: number,
  job: string,
  at: number,
  checkpoint?: string,
): Snapshot {
  const one = landing(id, parent, { 0: rows });
  const noted = checkpoint === undefined ? {} : { "flink.max-committed-checkpoint-id": checkpoint };
  return { ...one, timestampMs: at, summary: { ...one.summary, "flink.job-id": job, ...noted } };
}

describe("the dead letters of the last run", () => {
  it.each<[string, RunShare[], string | undefined]>([
    ["none", [run(3_000, 0), run(10, 10)], undefined],
    ["all, in the first run", [run(3_000, 3_000)], "all 3,000 new records became dead letters (100 %)"],
    [
      "all of one",
      [run(1, 1), run(1_000, 1)],
      "all 1 new records became dead letters (100 %, 0.1 % in the runs before)",
    ],
    [
      "ten times as many as usual, and more than 5 %",
      [run(1_000, 51), run(1_000, 5), run(1_000, 5)],
      "51 of 1,000 new records became dead letters (5.1 %, 0.5 % in the runs before)",
    ],
    [
      "many where none were usual",
      [run(100, 6), run(900, 0)],
      "6 of 100 new records became dead letters (6 %, 0 % in the runs before)",
    ],
    ["as many as usual", [run(1_000, 300), run(1_000, 100)], undefined],
    ["more than usual, and few", [run(1_000, 49), run(1_000, 0)], undefined],
    ["many of few records", [run(99, 50), run(1_000, 0)], undefined],
    ["many in the first run", [run(1_000, 500)], undefined],
  ])("%s", (_what, runs, text) => {
    expect(unusualShare(runs)).toBe(text);
  });

  it("are compared with the ten runs before, and no more", () => {
    const clean = Array.from({ length: 10 }, () => run(1_000, 0));
    expect(unusualShare([run(1_000, 60), ...clean, run(1_000, 900)])).toContain("0 % in the runs before");
  });

  it("are limited by a share of one's own, whatever was usual and however few", () => {
    expect(unusualShare([run(10, 1), run(10, 1)], 0.05)).toContain("1 of 10 new records");
    expect(unusualShare([run(10, 1)], 0.1)).toBeUndefined();
    expect(unusualShare([run(10, 1)], 0)).toBeDefined();
  });
});

describe("the last runs", () => {
  it("are the jobs of both tables, newest first; compactions and other writers are none", () => {
    const bronze = icebergTable([
      append("b1", null, 990, "j1", 1, "9223372036854775807"),
      append("b2", "b1", 5, "j2", 3),
      snapshot("b3", "b2", { operation: "replace", timestampMs: 4 }),
      { ...landing("b4", "b3", { 0: 7 }), timestampMs: 5 },
    ]);
    const dlq = icebergTable([
      append("d1", null, 10, "j1", 2, "9223372036854775807"),
      append("d2", "d1", 40, "j3", 6),
    ]);
    expect(lastRuns(bronze, dlq)).toEqual([run(40, 40), run(5, 0), run(1_000, 10)]);
  });

  it("of a stream are so many checkpoints that there is something to judge", () => {
    const bronze = icebergTable([
      append("b1", null, 500, "s", 1, "1"),
      append("b2", "b1", 60, "s", 2, "2"),
      append("b3", "b2", 60, "s", 3, "3"),
    ]);
    const dlq = icebergTable([append("d1", null, 20, "s", 3, "3"), append("d2", "d1", 30, "s", 4, "4")]);
    expect(lastRuns(bronze, dlq)).toEqual([run(110, 50), run(560, 0)]);
    expect(lastRuns(undefined, undefined)).toEqual([]);
  });
});
