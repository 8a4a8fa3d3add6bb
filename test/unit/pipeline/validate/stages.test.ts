import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { JobOverview, JobState } from "../../../../src/flink/rest.js";
import type { Table, TableId } from "../../../../src/iceberg/catalog.js";
import type { PartitionOffsets } from "../../../../src/kafka/offsets.js";
import type { PartitionAccount } from "../../../../src/ledger/account.js";
import { accountOutcome } from "../../../../src/pipeline/validate/account-outcome.js";
import { accountCheck } from "../../../../src/pipeline/validate/account-stage.js";
import { jobsCheck } from "../../../../src/pipeline/validate/jobs-stage.js";
import { servicesCheck } from "../../../../src/pipeline/validate/services-stage.js";
import { validate } from "../../../../src/pipeline/validate/validate.js";
import { recordJob } from "../../../../src/workspace/run-record.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicId,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { carryOut } from "../../../helpers/validate-context.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const folder = temporaryFolder();

describe("services", () => {
  const look = async (overview: { taskManagers: number; slots: number; freeSlots: number }) =>
    await carryOut(
      servicesCheck,
      workspaceOf({
        kafka: { cluster: async () => ({ clusterId: "c", brokers: 1 }) },
        flink: { overview: async () => ({ ...overview, version: "2.1" }) },
        catalog: { ping: async () => {} },
      }),
    );

  it.each([
    [{ taskManagers: 1, slots: 8, freeSlots: 8 }, "pass", "8 of 8 slots free"],
    [{ taskManagers: 1, slots: 8, freeSlots: 3 }, "pass", "3 of 8 slots free"],
    [{ taskManagers: 1, slots: 8, freeSlots: 2 }, "warn", "too few for PARALLELISM=3"],
    [{ taskManagers: 0, slots: 0, freeSlots: 0 }, "fail", "no TaskManager"],
  ])("%j is %s", async (overview, status, detail) => {
    const stage = await look(overview);
    expect(stage).toMatchObject({ status });
    expect(stage.detail).toContain(detail);
  });
});

describe("jobs in batch mode", () => {
  let states = 0;
  /** The jobs of a run that `process` saw end, and what Flink says of them now. */
  async function look(
    known: Readonly<Record<string, JobState>>,
    more: { jobs?: JobOverview[]; restarts?: number; kinds?: ("bronze" | "silver")[]; bronze?: Table } = {},
  ) {
    const config = configOf({ STATE_DIR: join(folder, String(++states)) });
    for (const kind of more.kinds ?? ["bronze", "silver"]) {
      await recordJob(config.stateDir, "taxi", kind, {
        id: kind,
        name: `pipectl ${kind} taxi`,
        state: "FINISHED",
        seconds: 1,
      });
    }
    const flink = {
      jobs: async () => more.jobs ?? [],
      jobState: async (id: string) => known[id],
      restarts: async () => more.restarts,
      rootCause: async () => "IOException: disk full",
    };
    const bronze = icebergTable([snapshot("1", null, {})]);
    return await carryOut(
      jobsCheck,
      workspaceOf({ config, flink, catalog: { table: async () => more.bronze ?? bronze } }),
    );
  }
  const later = (state: JobState, name = "pipectl bronze taxi r2"): JobOverview => ({
    id: "later",
    name,
    state,
    startTime: Date.now() + 60_000,
    durationMs: 1,
  });

  it("pass when both are FINISHED, also after Flink forgot them", async () => {
    const expected = { status: "pass", detail: "2 FINISHED, 0 restarts" };
    expect(await look({ bronze: "FINISHED", silver: "FINISHED" })).toEqual(expected);
    expect(await look({})).toEqual(expected);
  });

  it("are content with bronze alone when no record was good, because then there is no silver to make", async () => {
    const stage = await look({}, { kinds: ["bronze"], bronze: icebergTable() });
    expect(stage).toMatchObject({ status: "pass", detail: "1 FINISHED, 0 restarts" });
  });

  it("warn when one was restarted", async () => {
    expect(await look({}, { restarts: 1 })).toMatchObject({
      status: "warn",
      detail: "2 FINISHED, 2 restarts",
    });
  });

  it("fail when Flink knows better than the record", async () => {
    const stage = await look({ bronze: "FAILED" });
    expect(stage).toMatchObject({ status: "fail", hint: "pipectl process" });
    expect(stage.detail).toContain("1 FINISHED, 0 restarts; pipectl bronze taxi is FAILED");
  });

  it("fail when a later run FAILED, with its cause, but not for somebody else's job or a query", async () => {
    const stage = await look({}, { jobs: [later("FAILED")] });
    expect(stage.status).toBe("fail");
    expect(stage.detail).toContain(
      "1 job FAILED since, the last: pipectl bronze taxi r2: IOException: disk full",
    );
    const others = [
      "pipectl query",
      "somebody else's",
      "pipectl bronze orders r2",
      "pipectl silver taxi2 r2",
    ];
    for (const name of others) {
      expect((await look({}, { jobs: [later("FAILED", name)] })).status).toBe("pass");
    }
  });

  it.each([
    [[], "no bronze and no silver job of taxi has run on this stack", "pipectl process"],
    [["bronze"], "no silver job of taxi has run on this stack", "pipectl process-silver"],
  ] as const)("fail when only %j has run", async (kinds, detail, hint) => {
    expect(await look({}, { kinds: [...kinds] })).toMatchObject({ status: "fail", detail, hint });
  });
});

describe("the account", () => {
  const entry = (next: number, bronze: number, dlq: number): PartitionAccount => ({
    ...landedPartition(0, next),
    bronze,
    dlq,
  });
  const offsets = (first: number, end: number): PartitionOffsets[] => [{ partition: 0, first, end }];

  function workspaceAt(
    topic: PartitionOffsets[],
    account: PartitionAccount | undefined,
    totals?: { bronze: number; dlq: number },
    id = topicId,
  ) {
    const counts = totals ?? { bronze: account?.bronze ?? 0, dlq: account?.dlq ?? 0 };
    const at = (id: string, rows: number) =>
      snapshot(id, null, { summary: { "total-records": String(rows) } });
    const tables: Record<string, Table> = {
      raw_trips: icebergTable([at("1", counts.bronze)], {
        properties: withAccount(accountOf({ partitions: account === undefined ? [] : [account] })),
      }),
      raw_trips_dlq: icebergTable([at("2", counts.dlq)]),
    };
    return workspaceOf({
      kafka: { topicOffsets: async () => topicOf(topic, id) },
      catalog: { table: async ({ table }: TableId) => (account === undefined ? undefined : tables[table]) },
    });
  }
  const look = async (...args: Parameters<typeof workspaceAt>) => {
    const workspace = workspaceAt(...args);
    return { stage: await carryOut(accountCheck, workspace), ...(await accountOutcome(workspace)) };
  };

  it("passes when every offset is in bronze or in the dead letters", async () => {
    const { stage, counts, partitions } = await look(offsets(0, 100), entry(100, 97, 3));
    // The fakes have no silver, and an exact bronze without it is a warning.
    expect(stage).toMatchObject({ status: "warn", hint: "pipectl process-silver" });
    expect(stage.detail).toContain("100 produced = 97 bronze + 3 dead letters");
    expect(counts).toMatchObject({
      produced: 100,
      bronze: 97,
      dlq: 3,
      notLanded: 0,
      lost: 0,
      unaccounted: 0,
      silver: 0,
    });
    expect(partitions).toHaveLength(1);
  });

  it("still holds after Kafka removed what has landed", async () => {
    const { stage, counts } = await look(offsets(60, 100), entry(100, 97, 3));
    expect(stage.detail).toContain("100 produced = 97 bronze + 3 dead letters");
    expect(counts).toMatchObject({ produced: 100, lost: 0 });
  });

  it("warns of what has not landed yet, and of an empty topic", async () => {
    const behind = await look(offsets(0, 150), entry(100, 97, 3));
    expect(behind.stage).toMatchObject({ status: "warn", hint: "pipectl process" });
    expect(behind.stage.detail).toContain("50 not yet landed");
    expect((await look(offsets(0, 0), undefined)).stage.status).toBe("warn");
  });

  it("fails when nothing has landed of what was produced", async () => {
    const { stage } = await look(offsets(0, 100), undefined);
    expect(stage).toMatchObject({ status: "fail", hint: "pipectl process" });
  });

  it.each([
    ["a row too few", entry(100, 96, 3), 1],
    ["a row too many", entry(100, 98, 3), -1],
  ])("fails with %s", async (_name, account, unaccounted) => {
    const { stage, counts } = await look(offsets(0, 100), account);
    expect(stage.status).toBe("fail");
    expect(counts?.unaccounted).toBe(unaccounted);
  });

  it("fails when Iceberg counts other rows than the account", async () => {
    const { stage } = await look(offsets(0, 100), entry(100, 97, 3), { bronze: 96, dlq: 3 });
    expect(stage.status).toBe("fail");
    expect(stage.detail).toContain("Iceberg counts 96 and 3");
  });

  it("fails when records were lost, and says how many", async () => {
    const { stage, counts } = await look(offsets(120, 150), entry(100, 97, 3));
    expect(counts).toMatchObject({ produced: 150, lost: 20, notLanded: 30, unaccounted: 0 });
    expect(stage.status).toBe("fail");
    expect(stage.detail).toContain("20");
  });

  it("names what was accepted as lost and what holds no record, and is not upset by them", async () => {
    const account = landedPartition(0, 100, { dlq: 3, withoutRecord: 7, lost: 20 });
    const { stage, counts } = await look(offsets(0, 100), account);
    expect(stage.status).toBe("warn"); // the fakes have no silver
    expect(stage.detail).toContain(
      "100 produced = 70 bronze + 3 dead letters + 7 without record + 20 accepted as lost",
    );
    expect(counts).toMatchObject({ produced: 100, withoutRecord: 7, lost: 20, unaccounted: 0 });
  });

  it("fails with new loss beside accepted loss, and counts only the new one as a failure", async () => {
    const { stage, counts } = await look(offsets(110, 150), landedPartition(0, 100, { lost: 20 }));
    expect(counts).toMatchObject({ lost: 30, unaccounted: 0 });
    expect(stage).toMatchObject({ status: "fail", hint: expect.stringContaining("--accept-loss") });
    expect(stage.detail).toContain("+ 10 removed by Kafka");
  });

  it("fails when another topic has the name, also one that has grown past the old end", async () => {
    const { stage, partitions } = await look(offsets(0, 500), entry(100, 97, 3), undefined, "another");
    expect(stage).toMatchObject({ status: "fail", hint: expect.stringContaining("--accept-loss") });
    expect(stage.detail).toContain("made again");
    expect(partitions).toMatchObject([
      { incarnation: 0, produced: 100, bronze: 97, dlq: 3, notLanded: 0, unaccounted: 0 },
      { incarnation: 1, produced: 500, bronze: 0, dlq: 0, notLanded: 500, unaccounted: 0 },
    ]);
  });

  it("fails when the topic ends before what has landed", async () => {
    expect((await look(offsets(0, 10), entry(100, 97, 3))).stage.status).toBe("fail");
  });
});

describe("validate", () => {
  it("carries out every stage although one cannot look, and shows what each lacks", async () => {
    const refuse = async () => {
      throw unavailable("http_unreachable", "nobody listens", { hint: "pipectl up" });
    };
    const workspace = workspaceOf({
      config: configOf({ STATE_DIR: join(folder, "none") }),
      kafka: { cluster: refuse, topicOffsets: refuse },
      flink: { overview: refuse, jobs: refuse },
      catalog: { ping: refuse, table: refuse },
    });
    const result = await validate(workspace, { deep: false });
    expect(result).toMatchObject({ status: "unknown", mode: "batch", counts: null, partitions: [] });
    expect(result.stages.slice(0, 3).map(({ stage, status }) => [stage, status])).toEqual([
      [1, "unknown"],
      [2, "unknown"],
      [3, "unknown"],
    ]);
    expect(result.stages[0]).toMatchObject({ detail: "nobody listens", hint: "pipectl up" });
  });

  it("does not hide a bug as a failed stage", async () => {
    const looks = [
      async () => {
        throw new TypeError("x is not a function");
      },
    ];
    const broken = carryOut({ name: "Services", deep: false, looks }, workspaceOf({}));
    await expect(broken).rejects.toThrow(TypeError);
    await expect(
      carryOut({ name: "Services", deep: false, optional: true, looks }, workspaceOf({})),
    ).rejects.toThrow(TypeError);
  });
});
