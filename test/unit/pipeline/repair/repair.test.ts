import { describe, expect, it } from "vitest";
import { recordedAccount } from "../../../../src/ledger/account.js";
import { repair } from "../../../../src/pipeline/repair/repair.js";
import { land, type Row } from "../../../helpers/fakes/batch-jobs.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import type { FakeRecord } from "../../../helpers/fakes/topic.js";
import { temporaryFolder, temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { configOf } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, more: Partial<FakeRecord> = {}): FakeRecord => ({
  ...{ key, date: "2026-01-31", value: 1 },
  ...more,
});
const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => record(`k${from + i}`, i % 5 === 4 ? { bad: true } : {}));

type House = ReturnType<typeof fakeHouse>;

/** Two batch runs of ten and six records, and the exact state that a repair has to lead back to. */
async function batchHouse() {
  const house = fakeHouse(root);
  house.topic.send(0, ...records(0, 10));
  house.topic.send(1, ...records(10, 16));
  await house.bronze();
  await house.silver();
  return { house, exact: seenIn(house) };
}

const seenIn = (house: House) => (["bronze", "dlq", "silver"] as const).map((kind) => house.seen(kind));

/** Every offset once, the account holds, silver is made of it, and another repair finds nothing. */
async function expectExact(house: House, exact: ReturnType<typeof seenIn>) {
  expect(seenIn(house)).toEqual(exact);
  expect((await house.repair()).findings).toEqual([]);
  const before = await house.image();
  await house.bronze();
  await house.silver();
  expect(await house.image()).toBe(before);
}

const setAccount = async (house: House, text: string) => {
  const { id, current } = await house.table("bronze");
  await house.catalog.commit({
    id,
    assertRefs: { main: current?.id ?? null },
    setProperties: { "pipectl.account": text },
  });
};

/** What another program writes to bronze: a copy of a row, with other values. */
function foreign(house: House, offset: number, more: Partial<Row> = {}) {
  const row = house.catalog.rows(house.dataset.tables.bronze).find((one) => one.offset === offset) as Row;
  land(house.engine, "bronze", [{ ...row, ...more }]);
}

const loseFile = (house: House, kind: "bronze" | "dlq", rows: readonly Row[]) => {
  const name = house.dataset.tables[kind].table;
  house.engine.unreadable = (table, row) => table === name && rows.includes(row);
};

async function expireAllButTheLast(house: House, kind: "bronze" | "dlq") {
  const { id, snapshots, current } = await house.table(kind);
  house.catalog.expire(id, ...snapshots.map((one) => one.id).filter((one) => one !== current?.id));
}

const findings = ({ findings: all }: { readonly findings: readonly { readonly finding: string }[] }) =>
  all.map(({ finding }) => finding);

describe("a repair of what batch runs have made", () => {
  it("finds nothing where nothing is wrong, and asks nothing", async () => {
    const { house } = await batchHouse();
    const before = await house.image();
    expect(await house.repair()).toMatchObject({ findings: [], plans: [], done: false });
    expect(await house.image()).toBe(before);
  });

  it.each([
    ["no JSON", "{oops"],
    ["null", "null"],
    ["an empty object", "{}"],
  ])("counts again when the account is %s", async (_what, text) => {
    const { house, exact } = await batchHouse();
    await setAccount(house, text);
    const { done, findings: found } = await house.repair();
    expect([done, found.map(({ finding, table }) => [finding, table])]).toEqual([
      true,
      [["account_untrusted", "bronze.raw_trips"]],
    ]);
    await expectExact(house, exact);
  });

  it.each([
    ["in the count of a partition", { bronze: 3, next: 5 }],
    ["in the position alone", { next: 4 }],
    ["beyond the topic", { next: 4_000 }],
    ["in what was lost", { lost: 3 }],
    ["in where it begins", { first: 7, next: 10 }],
  ])("counts again when the account has a wrong number %s", async (_what, wrong) => {
    const { house, exact } = await batchHouse();
    const account = recordedAccount(await house.table("bronze"));
    const before = await house.account();
    const [line, ...rest] = account?.partitions ?? [];
    if (account === undefined || line === undefined) throw new Error("nothing has landed");
    await setAccount(house, JSON.stringify({ ...account, partitions: [{ ...line, ...wrong }, ...rest] }));
    expect(findings(await house.repair())).toEqual(["account_untrusted"]);
    expect((await house.account())?.partitions).toEqual(before?.partitions);
    await expectExact(house, exact);
  });

  it("counts again when two wrong numbers cancel out", async () => {
    const { house, exact } = await batchHouse();
    const account = recordedAccount(await house.table("bronze"));
    const before = await house.account();
    const [one, two] = account?.partitions ?? [];
    if (account === undefined || one === undefined || two === undefined)
      throw new Error("nothing has landed");
    const wrong = [
      { ...one, bronze: one.bronze - 1, dlq: one.dlq + 1 },
      { ...two, bronze: two.bronze + 1, dlq: two.dlq - 1 },
    ];
    await setAccount(house, JSON.stringify({ ...account, partitions: wrong }));
    expect(findings(await house.repair())).toEqual(["account_untrusted"]);
    expect((await house.account())?.partitions).toEqual(before?.partitions);
    await expectExact(house, exact);
  });

  it.each(["bronze", "dlq"] as const)(
    "takes the records of a file of %s again that is gone",
    async (kind) => {
      const { house, exact } = await batchHouse();
      const lost = house.catalog.rows(house.dataset.tables[kind]).filter(({ partition }) => partition === 0);
      loseFile(house, kind, lost);
      const { findings: found, plans, gone } = await house.repair();
      expect(found).toEqual([
        {
          finding: "file_unreadable",
          table: house.dataset.tables[kind].qualified,
          detail: `1 file with ${lost.length} rows cannot be read: file:/0: it is gone`,
          action: "take the file out of the table, and ingest their records again",
          gone: 0,
        },
      ]);
      expect([plans.length, plans[0]?.looksAgain, gone]).toEqual([1, true, 0]);
      await expectExact(house, exact);
    },
  );

  it("says how many of them Kafka no longer has, and records those as lost after a yes", async () => {
    const { house } = await batchHouse();
    const lost = house.catalog.rows(house.dataset.tables.bronze).filter(({ partition }) => partition === 0);
    house.topic.truncate(0, 4);
    loseFile(house, "bronze", lost);
    const before = await house.image();
    const refused = await house.repair(false);
    expect([refused.gone, refused.done, refused.plans.length]).toEqual([4, false, 1]);
    expect(await house.image()).toBe(before);
    expect(await house.repair()).toMatchObject({ done: true, gone: 4 });
    expect((await house.account())?.partitions[0]).toMatchObject({ lost: 4, bronze: 4, dlq: 2, next: 10 });
    expect((await house.repair()).findings).toEqual([]);
  });

  it.each([
    ["a row twice", (house: House) => foreign(house, 3)],
    ["a row beyond the topic's end", (house: House) => foreign(house, 3, { offset: 5_000_000 })],
    [
      "another value",
      (house: House) =>
        void house.catalog.write(house.dataset.tables.bronze, {
          operation: "overwrite",
          change: (rows) =>
            rows.map((row) => (row.offset === 3 ? { ...row, record: { ...row.record, value: 99 } } : row)),
        }),
    ],
  ])("sets a table back to which another program wrote %s", async (_what, write) => {
    const { house, exact } = await batchHouse();
    const { current } = await house.table("bronze");
    write(house);
    const { findings: found } = await house.repair();
    expect(found).toMatchObject([
      {
        finding: "foreign_commits",
        action: `set the table back to snapshot ${current?.id}, which the account covers`,
      },
    ]);
    expect(house.catalog.head(house.dataset.tables.bronze)).toBe(current?.id);
    await expectExact(house, exact);
  });

  it.each([
    ["a row twice", {}, "rows_doubled"],
    ["a row beyond the topic's end", { offset: 5_000_000 }, "rows_elsewhere"],
    ["a row at the very end of the topic", { offset: 10 }, "rows_elsewhere"],
  ])("removes %s when the snapshot before it has expired", async (_what, more, finding) => {
    const { house, exact } = await batchHouse();
    foreign(house, 3, more);
    await expireAllButTheLast(house, "bronze");
    expect(findings(await house.repair())).toEqual([finding]);
    await expectExact(house, exact);
  });

  it("takes a row again whose value somebody has changed, when the snapshot before it has expired", async () => {
    const { house, exact } = await batchHouse();
    house.catalog.write(house.dataset.tables.bronze, {
      operation: "overwrite",
      change: (rows) =>
        rows.map((row) => (row.offset === 3 ? { ...row, record: { ...row.record, value: 99 } } : row)),
    });
    await expireAllButTheLast(house, "bronze");
    expect(findings(await house.repair())).toEqual(["rows_not_ours"]);
    await expectExact(house, exact);
  });

  it("keeps one row of a double that Kafka no longer has", async () => {
    const { house, exact } = await batchHouse();
    foreign(house, 3);
    await expireAllButTheLast(house, "bronze");
    house.topic.truncate(0, 10);
    house.topic.truncate(1, 6);
    const { findings: found, gone } = await house.repair();
    expect(found.map(({ action }) => action)).toEqual([
      "keep the oldest row of 1 offset that Kafka no longer has",
    ]);
    expect(gone).toBe(0);
    await expectExact(house, exact);
  });

  it("finds what an unreadable file has hidden", async () => {
    const { house, exact } = await batchHouse();
    foreign(house, 3);
    await expireAllButTheLast(house, "bronze");
    const lost = house.catalog.rows(house.dataset.tables.bronze).filter(({ partition }) => partition === 1);
    loseFile(house, "bronze", lost);
    const { plans, ...result } = await house.repair();
    expect(findings(result)).toEqual(["file_unreadable", "rows_doubled"]);
    expect(plans.map(findings)).toEqual([["file_unreadable"], ["rows_doubled"]]);
    await expectExact(house, exact);
  });

  it.each([
    [
      "a file of it is gone",
      (house: House) => {
        const { silver } = house.dataset.tables;
        const lost = house.catalog.head(silver);
        house.engine.unreadable = (table) => table === silver.table && house.catalog.head(silver) === lost;
      },
      "file_unreadable",
    ],
    [
      "another program wrote to it",
      (house: House) =>
        void house.catalog.write(house.dataset.tables.silver, { operation: "delete", change: () => [] }),
      "silver_untrusted",
    ],
  ])("makes silver again when %s", async (_what, harm, finding) => {
    const { house, exact } = await batchHouse();
    harm(house);
    expect(findings(await house.repair())).toEqual([finding]);
    await expectExact(house, exact);
  });
});

/** A stream that has landed ten records, and runs. */
async function streamingHouse() {
  const house = fakeHouse(root, { flags: { MODE: "streaming_bronze" } });
  house.topic.send(0, ...records(0, 5));
  await house.stream({ silver: true });
  house.topic.send(0, ...records(5, 10));
  for (const name of ["pipectl streaming bronze", "pipectl streaming silver"]) commitOf(house, name);
  return { house, exact: seenIn(house) };
}

const commitOf = (house: House, name: string) => house.flink.checkpoint(house.flink.running(name));

/** The streams run again, other jobs than before, and take what comes. */
async function expectExactStream(house: House, exact: ReturnType<typeof seenIn>, before: readonly string[]) {
  expect(seenIn(house)).toEqual(exact);
  expect((await house.repair()).findings).toEqual([]);
  const jobs = ["pipectl streaming bronze", "pipectl streaming silver"].map((name) =>
    house.flink.running(name),
  );
  for (const job of jobs) expect(before).not.toContain(job);
  house.topic.send(0, record("later"));
  for (const name of ["pipectl streaming bronze", "pipectl streaming silver"]) commitOf(house, name);
  expect(house.seen("bronze")).toContain("later=1");
  expect(house.seen("silver")).toContain("later=1");
}

describe("a repair beside streams", () => {
  it.each([
    ["the account is damaged", (house: House) => setAccount(house, "{oops"), "account_untrusted"],
    [
      "a file is gone",
      async (house: House) =>
        loseFile(house, "bronze", house.catalog.rows(house.dataset.tables.bronze).slice(0, 3)),
      "file_unreadable",
    ],
    ["a row is there twice", async (house: House) => foreign(house, 3), "foreign_commits"],
    [
      "a row is there twice, and the stream has gone on",
      async (house: House) => {
        foreign(house, 3);
        house.topic.send(0, record("after"));
        commitOf(house, "pipectl streaming bronze");
        house.topic.send(0, record("after it"));
      },
      "rows_doubled",
    ],
  ])("stops them, and begins them anew, when %s", async (_what, harm, finding) => {
    const { house } = await streamingHouse();
    const before = ["pipectl streaming bronze", "pipectl streaming silver"].map((name) =>
      house.flink.running(name),
    );
    await harm(house);
    const { plans, ...result } = await house.repair();
    expect(findings(result)).toEqual([finding]);
    expect(plans[0]?.streams).toEqual(["bronze", "silver"]);
    for (const name of ["pipectl streaming bronze", "pipectl streaming silver"]) commitOf(house, name);
    const all = house.topic
      .read(0)
      .map(({ record: { key, value, bad } }) => [bad === true, `${key}=${value}`]);
    const of = (isBad: boolean) =>
      all.flatMap(([bad, text]) => (bad === isBad ? [text as string] : [])).sort();
    await expectExactStream(house, [of(false), of(true), of(false)], before);
  });

  it("refuses in batch mode, before anything is changed", async () => {
    const { house } = await streamingHouse();
    await setAccount(house, "{oops");
    const before = await house.image();
    const batch = { ...house.workspace, config: configOf({ MODE: "batch", STATE_DIR: temporaryFolder() }) };
    const { code } = await problemOf(() => repair(batch, async () => true));
    expect(code).toBe("mode");
    expect(await house.image()).toBe(before);
  });
});
