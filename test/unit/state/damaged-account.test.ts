import { describe, expect, it } from "vitest";
import { noHashes } from "../../../src/lake/hash-sum.js";
import {
  type Account,
  accountIn,
  accountProperty,
  advance,
  readAccount,
  recordedAccount,
} from "../../../src/ledger/account.js";
import type { Found } from "../../../src/ledger/count-rows.js";
import { planRanges } from "../../../src/ledger/plan.js";
import { accountInForce } from "../../../src/ledger/recount.js";
import { silverProperty } from "../../../src/ledger/silver-state.js";
import { processBatch } from "../../../src/pipeline/batch/process.js";
import { forgetStreams } from "../../../src/pipeline/maintain/forget-streams.js";
import { protectedOf } from "../../../src/pipeline/maintain/protected.js";
import { retentionOf } from "../../../src/pipeline/maintain/retention.js";
import { snapshots } from "../../../src/pipeline/maintain/snapshots.js";
import { accountOutcome } from "../../../src/pipeline/validate/account-outcome.js";
import { accountCheck } from "../../../src/pipeline/validate/account-stage.js";
import { look } from "../../../src/pipeline/validate/validate.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { fakeGateway } from "../../helpers/gateway.js";
import { problemOf } from "../../helpers/problem.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicId,
  topicOf,
} from "../../helpers/tables.js";
import { configOf, taxi, workspaceOf } from "../../helpers/workspace.js";

const whole = accountIn(
  accountOf({
    partitions: [landedPartition(0, 100, { dlq: 3 }), landedPartition(1, 50)],
    bronzeSnapshot: "b1",
    dlqSnapshot: "d1",
  }),
)[accountProperty] as string;
const cutOff = whole.slice(0, 200);
const rows = (partition: number, bronze: number, dlq: number): Found => ({
  ...{
    incarnation: 0,
    partition,
    bronze,
    dlq,
    offsets: bronze + dlq,
    removed: 0,
    extra: 0,
    hashes: noHashes,
  },
  ...{ min: 0, max: bronze + dlq - 1 },
});
const holding = (id: string, total: number) =>
  snapshot(id, null, { summary: { "total-records": String(total) } });
const tablesWith = (text: string) => ({
  bronze: icebergTable([holding("b1", 147)], {
    id: taxi.tables.bronze,
    properties: { [accountProperty]: text },
  }),
  dlq: icebergTable([holding("d1", 3)], { id: taxi.tables.dlq }),
});
const topic = topicOf([
  { partition: 0, first: 0, end: 120 },
  { partition: 1, first: 0, end: 50 },
]);
const snapshotIds = { topic: taxi.topic, bronzeSnapshot: "b1", dlqSnapshot: "d1" };

/** Where Flink counts these rows; `queries` are those that it was asked for. */
async function counting(found: readonly Found[] = [rows(0, 97, 3), rows(1, 50, 0)]) {
  const { runtime, queries } = await fakeGateway(() =>
    found.map((one) => [
      ...[one.incarnation, one.partition, one.bronze, one.dlq, one.offsets],
      ...[one.removed, one.min, one.max, one.extra],
    ]),
  );
  return { workspace: workspaceOf({ runtime }), queries };
}

describe("a damaged account", () => {
  it.each([
    ["is no JSON", "{half"],
    ["is cut off", cutOff],
    ["is empty", ""],
    ["has a wrong number", whole.replace('"bronze":97', '"bronze":-97')],
  ])("is made again from the rows, each once, when it %s", async (_how, text) => {
    const tables = tablesWith(text);
    const { workspace } = await counting();
    const { account, counted, present } = await accountInForce(workspace, tables, topic, false);
    expect(counted).toBe(true);
    expect(present?.size).toBe(0);
    // Only what has come since is taken, and nothing of what is there is left out.
    const plan = planRanges(taxi.topic, topic, account, false, present);
    expect(plan.ranges.map(({ partition, start, end }) => [partition, start, end])).toEqual([
      [0, 100, 120],
      [1, 50, 50],
    ]);
    const next = {
      ...advance(account, plan, "run", [{ partition: 0, bronze: 20, dlq: 0, withoutRecord: 0 }]),
    };
    const good = tablesWith(accountIn({ ...next, ...snapshotIds })[accountProperty] as string);
    expect(readAccount(good.bronze, good.dlq)).toMatchObject({
      topicId,
      partitions: [landedPartition(0, 120, { dlq: 3 }), landedPartition(1, 50)],
    });
  });

  it("has the job take a hole, and only that", async () => {
    const { workspace } = await counting([{ ...rows(0, 97, 3), bronze: 90, offsets: 93 }, rows(1, 50, 0)]);
    const { account, present } = await accountInForce(workspace, tablesWith(cutOff), topic, false);
    const { ranges } = planRanges(taxi.topic, topic, account, false, present);
    expect(ranges[0]).toMatchObject({ start: 0, end: 120, present: 93 });
  });

  it("still tells a topic that was made again, whose offsets look like the old ones", async () => {
    const again = topicOf(topic.partitions, "another");
    const { workspace } = await counting();
    const { account } = await accountInForce(workspace, tablesWith(cutOff), again, false);
    expect(account).toMatchObject({ topicId, incarnation: 0 });
    expect(await problemOf(() => planRanges(taxi.topic, again, account, false))).toMatchObject({
      code: "topic_remade",
    });
  });

  it("still tells that the topic was made again before, though nothing of it had landed", async () => {
    const second = accountIn(accountOf({ incarnation: 1, partitions: [landedPartition(0, 100)] }));
    expect((second[accountProperty] as string).slice(0, 200)).toContain('"incarnation":1');
    const tables = tablesWith((second[accountProperty] as string).slice(0, 200));
    const { workspace } = await counting();
    const { account, present } = await accountInForce(workspace, tables, topic, false);
    const { incarnation, ranges } = planRanges(taxi.topic, topic, account, false, present);
    expect(incarnation).toBe(1);
    expect(ranges.map(({ start }) => start)).toEqual([0, 0]);
  });

  it.each(['"incarnation"', '"run"'])(
    "is made again from rows of a later incarnation, cut off before %s",
    async (key) => {
      const text = accountIn(accountOf({ incarnation: 1, partitions: [landedPartition(0, 100)] }))[
        accountProperty
      ];
      const cut = (text as string).slice(0, (text as string).indexOf(key));
      expect(cut).toContain(topicId);
      const { workspace } = await counting([{ ...rows(0, 97, 3), incarnation: 1 }]);
      const { account } = await accountInForce(workspace, tablesWith(cut), topic, false);
      expect(account?.incarnation).toBe(1);
      expect(account?.partitions.map((line) => [line.incarnation, line.partition, line.next])).toEqual([
        [1, 0, 100],
        [1, 1, 0],
      ]);
      expect(() => accountIn(account as Account)).not.toThrow();
    },
  );

  it("says so where it does not even name its topic", async () => {
    const { workspace } = await counting();
    await accountInForce(workspace, tablesWith("{half"), topic, false);
    expect(JSON.stringify(workspace.events)).toContain("whether the topic was created again");
    const { workspace: other } = await counting();
    await accountInForce(other, tablesWith(cutOff), topic, false);
    expect(JSON.stringify(other.events)).not.toContain("whether the topic was created again");
  });
});

const damage = [
  ["account", { account: cutOff, silver: undefined }, "account_untrusted"],
  ["silver's state", { account: whole, silver: "{half" }, "silver_untrusted"],
] as const;

describe.each(damage)("where %s is damaged", (_what, { account, silver }, code) => {
  const tables = {
    ...tablesWith(account),
    silver: icebergTable([holding("s1", 0)], {
      id: taxi.tables.silver,
      properties: silver === undefined ? {} : { [silverProperty]: silver },
    }),
  };
  const workspace = (fakes = {}) =>
    workspaceOf({
      kafka: { topicOffsets: async () => topic },
      flink: { jobs: async () => [] },
      catalog: {
        table: async ({ table }) => Object.values(tables).find((one) => one.id.table === table),
      },
      ...fakes,
    });

  it("validate fails with the way back", async () => {
    const landed = topicOf([
      { partition: 0, first: 0, end: 100 },
      { partition: 1, first: 0, end: 50 },
    ]);
    const seen = workspace({ kafka: { topicOffsets: async () => landed } });
    const account = accountOutcome(seen);
    account.catch(() => {});
    const stage = await look(accountCheck, { workspace: seen, account, settled: undefined });
    expect(stage).toMatchObject({ status: "fail", detail: expect.stringContaining("is damaged: ") });
    expect(stage?.hint).toContain(
      code === "account_untrusted" ? "pipectl repair " : "pipectl process-silver",
    );
  });

  it("maintain deletes nothing: nobody knows what is needed", async () => {
    expect(await problemOf(() => protectedOf(workspace(), tables))).toMatchObject({ code });
    expect(await problemOf(() => retentionOf("bronze", tables))).toMatchObject({ code });
  });

  it("rollback goes on, and snapshots are listed", async () => {
    expect(forgetStreams("bronze", "b1", tables)).toEqual({ marks: [], properties: {} });
    const seen = workspace();
    expect((await snapshots(seen, ["bronze"], 5))[0]?.snapshots).toHaveLength(1);
    expect(JSON.stringify(seen.events)).toContain("it is unknown which snapshots are needed");
  });
});

describe("an account of a newer pipectl", () => {
  const newer = JSON.stringify({ version: 6, incarnation: 0 });

  it("is neither counted again nor read", async () => {
    const tables = tablesWith(newer);
    const { workspace, queries } = await counting();
    const { code } = await problemOf(() => accountInForce(workspace, tables, topic, false));
    expect(code).toBe("state_newer");
    expect(queries).toEqual([]);
    expect(await problemOf(() => recordedAccount(tables.bronze))).toMatchObject({ code: "state_newer" });
  });

  it("ends process before anything is changed: the catalog is only read", async () => {
    const config = configOf({ STATE_DIR: temporaryFolder() });
    const workspace = workspaceOf({
      config,
      flink: { jobs: async () => [] },
      catalog: {
        ping: async () => {},
        table: async ({ table }) => Object.values(tablesWith(newer)).find((one) => one.id.table === table),
      },
    });
    const run = processBatch(workspace, { bronze: true, silver: true, marts: false });
    expect(await problemOf(() => run)).toMatchObject({ kind: "failed", code: "state_newer" });
  });
});
