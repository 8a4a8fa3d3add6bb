import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { Ledger } from "../../src/pipeline/topic/generate.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { readTable } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const silver = "silver.cleaned_trips";
const realFiles = join(projectRoot, "..", "shared", "data", "taxi-2019");

beforeEach(emptyStack);

describe("made-up records, some malformed and some sent twice", () => {
  test("are all accounted for, and running it again changes nothing", async () => {
    const ledger = await pipectlJson<Ledger>([
      ...["generate", "--count", "20000", "--seed", "3", "--malformed", "0.02", "--duplicates", "0.03"],
    ]);
    const first = await pipectlJson<ProcessResult>(["process"]);
    expect(first.jobs.map(({ state }) => state)).toEqual(["FINISHED", "FINISHED"]);
    expect(first.bronze).toEqual({ added: 20_000 - ledger.malformed, total: 20_000 - ledger.malformed });
    expect(first.dlq).toEqual({ added: ledger.malformed, total: ledger.malformed });
    const counted = await expectExactAccount();
    expect(counted).toEqual({
      produced: ledger.sent,
      bronze: ledger.sent - ledger.malformed,
      dlq: ledger.malformed,
    });
    const expectedSilver = ledger.sent - ledger.malformed - ledger.duplicates;
    const ids = (await readTable(silver, ["trip_id"])).flat();
    expect(new Set(ids).size).toBe(expectedSilver);
    expect(ids.length).toBe(expectedSilver);

    const again = await pipectlJson<ProcessResult>(["process"]);
    expect(again).toMatchObject({
      jobs: [],
      bronze: { added: 0 },
      dlq: { added: 0 },
      silver: { total: expectedSilver },
    });
    const validation = await pipectlJson<ValidateResult>(["validate", "--deep"]);
    expect(validation.status).toBe("pass");
    expect(validation.counts).toMatchObject({
      produced: 20_000,
      notLanded: 0,
      unaccounted: 0,
      silver: expectedSilver,
    });
  });

  test("come out the same in one run and in three, by either way of submitting", async () => {
    const generate = (seed: number) => [
      "generate",
      "--count",
      "3000",
      "--seed",
      String(seed),
      "--duplicates",
      "0.05",
    ];
    const rows = async () =>
      (await readTable(silver, ["trip_id", "pickup_date", "total_amount", "pickup_hour"])).map(String).sort();
    for (const [i, via] of ["sql-client", "gateway", "sql-client"].entries()) {
      await pipectlJson(generate(i));
      await pipectlJson(["process", "--via", via]);
    }
    await expectExactAccount();
    const inThree = await rows();

    await emptyStack();
    for (const seed of [0, 1, 2]) await pipectlJson(generate(seed));
    await pipectlJson(["process"]);
    expect(await rows()).toEqual(inThree);
  });

  test("a range of silver is rebuilt without a stale date, and nothing else moves", async () => {
    await pipectlJson(["generate", "--count", "4000"]);
    await pipectlJson(["process"]);
    const all = async () => (await readTable(silver, ["pickup_date", "trip_id"])).map(String).sort();
    const before = await all();
    const dates = [...new Set(before.map((row) => row.slice(0, 10)))].sort();
    expect(dates.length).toBeGreaterThan(3);
    const { jobs } = await pipectlJson<ProcessResult>([
      "process-silver",
      "--from",
      dates[1] as string,
      "--to",
      dates[2] as string,
    ]);
    expect(jobs).toHaveLength(1);
    expect(await all()).toEqual(before);
    const { exitCode, stderr } = await pipectl(["process-silver", "--from", "2019-02-30"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("2019-02-30");
  });
});

describe.skipIf(!existsSync(realFiles))("the twelve real files of 2019", () => {
  test("120,000 produced, silver as counted independently, the same after three runs", async () => {
    const files = readdirSync(realFiles)
      .filter((name) => name.endsWith(".csv.gz"))
      .map((name) => join(realFiles, name));
    const ledger = await pipectlJson<Ledger>(["generate", ...files]);
    expect(ledger).toMatchObject({ sent: 120_000, unreadable: 0 });
    for (let run = 0; run < 3; run++) await pipectlJson(["process"]);
    expect(await expectExactAccount()).toMatchObject({ produced: 120_000 });
    // Counted with DuckDB over the files (the data's own README): 119,727 pass the filters, on 366 dates.
    const rows = await readTable(silver, ["trip_id", "pickup_date"]);
    expect(new Set(rows.map(([id]) => id)).size).toBe(119_727);
    expect(rows.length).toBe(119_727);
    const validation = await pipectlJson<ValidateResult>(["validate", "--deep"]);
    expect(validation.status).toBe("pass");
    expect(validation.counts).toMatchObject({ produced: 120_000, bronze: 120_000, dlq: 0, silver: 119_727 });
  });
});
