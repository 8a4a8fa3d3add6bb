import { describe, expect, it } from "vitest";
import type { RepairPlan } from "../../../src/pipeline/repair/repair.js";
import { repairPlanView, repairView } from "../../../src/ui/repair-view.js";

const plan: RepairPlan = {
  findings: [
    {
      ...{ finding: "file_unreadable", table: "bronze.raw_trips", gone: 1_200 },
      detail: "1 file with 5,000 rows cannot be read: s3://lake/0.parquet: it is gone",
      action:
        "take the file out of the table, and ingest its records again, but for up to 1,200 that Kafka no longer has",
    },
    { finding: "locks", table: null, gone: 0, detail: "1 lock that nobody holds", action: "remove it" },
  ],
  ...{ streams: ["bronze", "silver"], gone: 1_200, looksAgain: true },
};

describe("what a repair shows", () => {
  it("before it asks: what is wrong, what it does, what is lost and what stands still meanwhile", () => {
    expect(repairPlanView(plan)).toBe(
      `bronze.raw_trips: 1 file with 5,000 rows cannot be read: s3://lake/0.parquet: it is gone
  -> take the file out of the table, and ingest its records again, but for up to 1,200 that Kafka no longer has
1 lock that nobody holds
  -> remove it
the streams of bronze and silver will be stopped meanwhile, and begun anew
Kafka no longer has up to 1,200 records of that: the account will show them as lost
what cannot be read may hide more: afterwards it looks again`,
    );
  });

  it("nothing but the findings, where nothing else is to be said", () => {
    const [, locks] = plan.findings;
    const small = {
      ...plan,
      findings: locks === undefined ? [] : [locks],
      streams: [],
      gone: 0,
      looksAgain: false,
    };
    expect(repairPlanView(small)).toBe("1 lock that nobody holds\n  -> remove it");
  });

  it("at its end", () => {
    const done = { ...plan, done: true, seconds: 12 };
    expect(repairView(done, false)).toBe("2 repaired in 12.0 s: pipectl validate --deep");
    expect(repairView({ ...done, done: false }, false)).toBe("nothing was changed");
    expect(
      repairView({ ...done, done: false }, true)
        .split("\n")
        .at(-1),
    ).toBe("nothing was changed");
    expect(repairView({ ...done, findings: [], done: false }, false)).toBe(
      "nothing to repair: every file can be read, and every row is accounted for",
    );
  });
});
