import { describe, expect, it } from "vitest";
import { replay } from "../../../../src/pipeline/dead-letters/replay.js";
import { recountCheck } from "../../../../src/pipeline/validate/recount-stage.js";
import type { Row } from "../../../helpers/fakes/batch-jobs.js";
import { hashOf } from "../../../helpers/fakes/hashes.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { carryOut } from "../../../helpers/validate-context.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, value = 1) => ({ key, value, date: "2026-01-05" });
const bad = (key: string) => ({ ...record(key), bad: true as const });
type House = ReturnType<typeof fakeHouse>;

/** Two partitions have landed, with one dead letter. */
async function landed(more: Parameters<typeof fakeHouse>[1] = {}): Promise<House> {
  const house = fakeHouse(root, more);
  house.topic.send(0, record("a"), bad("x"), record("b"));
  house.topic.send(1, record("c"));
  await house.bronze();
  return house;
}

/** Another program rewrites a table. */
const rewrite = (house: House, kind: "bronze" | "dlq", change: (rows: readonly Row[]) => readonly Row[]) =>
  house.catalog.write(taxi.tables[kind], {
    operation: "overwrite",
    change,
    partitionOf: ({ partition }: Row) => partition,
  });

const changeValue = (house: House, key: string, value = 99) =>
  rewrite(house, "bronze", (rows) =>
    rows.map((row) => (row.record.key === key ? { ...row, record: { ...row.record, value } } : row)),
  );

const deep = async (house: House) => await carryOut(recountCheck, house.workspace);
const bronze = (house: House, acceptForeign = false) => house.bronze(false, house.workspace, acceptForeign);

/** What the account must say of values: the rows that are there, as whoever wrote them hashed them. */
async function expectSums(house: House): Promise<void> {
  const sum = (kind: "bronze" | "dlq", partition: number) => {
    const rows = house.catalog.rows(taxi.tables[kind]).filter((row) => row.partition === partition);
    const total = rows.reduce((all, row) => BigInt.asIntN(64, all + BigInt(hashOf(kind, row))), 0n);
    return { rows: rows.length, sum: String(total) };
  };
  expect(await house.hashes()).toEqual(
    [0, 1].map((partition) => ({ bronze: sum("bronze", partition), dlq: sum("dlq", partition) })),
  );
}

describe("a value that another program has changed", () => {
  it("fails --deep with its place, and ends process before anything has changed", async () => {
    const house = await landed();
    expect((await deep(house)).detail).toBe(
      "4 offsets, each once, none missing, all values as they were written",
    );
    changeValue(house, "b");
    expect(await deep(house)).toMatchObject({
      status: "fail",
      detail: expect.stringContaining(
        "partition 0: 1 row has another value than pipectl wrote (for example offset 2)",
      ),
    });
    const before = await house.image();
    const { code, message, hint } = await problemOf(() => bronze(house));
    expect(code).toBe("rows_not_ours");
    expect(message).toContain("1 row that pipectl did not write is in bronze.raw_trips or");
    expect(hint).toContain("pipectl repair");
    const account = await house.account();
    expect(hint).toContain(`pipectl rollback bronze --to ${account?.bronzeSnapshot} sets`);
    expect(await house.image()).toBe(before);
    // The way back.
    house.catalog.setMain(taxi.tables.bronze, account?.bronzeSnapshot as string);
    expect((await bronze(house)).job).toBeUndefined();
    expect((await deep(house)).status).toBe("pass");
    await expectSums(house);
  });

  it("is taken when somebody says so, on record for ever; the next one is not", async () => {
    const house = await landed();
    changeValue(house, "b");
    await bronze(house, true);
    expect((await deep(house)).status).toBe("pass");
    expect((await house.account())?.partitions).toMatchObject([
      { partition: 0, foreign: 1 },
      { partition: 1 },
    ]);
    house.topic.send(0, record("d"));
    await bronze(house);
    expect((await house.account())?.partitions).toMatchObject([{ next: 4, foreign: 1 }, {}]);
    changeValue(house, "a");
    expect((await problemOf(() => bronze(house))).message).toContain("1 row that pipectl did not write");
    changeValue(house, "a", 1);
    await bronze(house);
    expect((await deep(house)).status).toBe("pass");
  });

  it("is seen behind a stream, too", async () => {
    const house = fakeHouse(root, { flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"), bad("x"), record("b"));
    await house.stream();
    house.flink.checkpoint(house.flink.running("pipectl streaming bronze"));
    expect((await deep(house)).detail).toContain("all values as they were written");
    await house.stop();
    changeValue(house, "b");
    expect((await problemOf(() => house.stream())).code).toBe("rows_not_ours");
    await house.stream({ acceptForeign: true });
    expect((await deep(house)).status).toBe("pass");
    expect((await house.account())?.partitions).toMatchObject([{ partition: 0, foreign: 1 }, {}]);
  });
});

describe("a row that another program wrote", () => {
  it("is foreign without a hash, also as a dead letter in the place of a good row", async () => {
    const house = await landed();
    const row = house.catalog.rows(taxi.tables.bronze).find(({ record: { key } }) => key === "a") as Row;
    rewrite(house, "bronze", (rows) => rows.filter((one) => one !== row));
    rewrite(house, "dlq", (rows) => [...rows, { ...row, hash: undefined }]);
    const { code, message } = await problemOf(() => bronze(house));
    expect([code, message]).toEqual([
      "rows_not_ours",
      expect.stringContaining("partition 0: 1 row was not written by pipectl (for example offset 0)"),
    ]);
  });

  it("is foreign when it has the hash of another place", async () => {
    const house = await landed();
    rewrite(house, "bronze", (rows) => rows.map((row) => ({ ...row, hash: rows[0]?.hash })));
    expect((await problemOf(() => bronze(house))).message).toContain("2 rows that pipectl did not write are");
  });

  it("is foreign when it fits its hash, and is not the one that pipectl wrote", async () => {
    const house = await landed();
    rewrite(house, "bronze", (rows) =>
      rows.map((row) => {
        const other = { ...row, record: { ...row.record, value: 5 } };
        return { ...other, hash: hashOf("bronze", other) };
      }),
    );
    const { code, message } = await problemOf(() => bronze(house));
    expect([code, message]).toEqual([
      "rows_not_ours",
      expect.stringContaining("partition 1: bronze rows are other ones than pipectl wrote"),
    ]);
  });
});

describe("what changes no value", () => {
  it("is accepted: the same rows in other files, and rows that are gone and come again", async () => {
    const house = await landed();
    rewrite(house, "bronze", (rows) => rows.map((row) => ({ ...row })));
    await bronze(house);
    await expectSums(house);
    rewrite(house, "bronze", (rows) => rows.slice(1));
    rewrite(house, "dlq", () => []);
    await bronze(house);
    expect((await deep(house)).detail).toContain("all values as they were written");
    await expectSums(house);
  });

  it("is a replay: what is moved changes both sums", async () => {
    const house = await landed();
    house.engine.readable = () => true;
    await replay(house.workspace, false);
    expect(house.seen("bronze")).toContain("x=1");
    await expectSums(house);
    expect((await deep(house)).status).toBe("pass");
  });

  it("is a stream, whose rows are added up when they are counted", async () => {
    const house = fakeHouse(root, { flags: { MODE: "streaming_bronze" }, partitions: 2 });
    house.topic.send(0, record("a"));
    await house.stream();
    house.topic.send(1, bad("x"));
    await house.stop();
    await house.stream();
    await expectSums(house);
  });
});

describe("tables from before there were hashes", () => {
  it("are counted as ever, and said to be", async () => {
    const house = await landed();
    for (const kind of ["bronze", "dlq"] as const)
      rewrite(house, kind, (rows) => rows.map(({ hash: _, ...row }) => row));
    const table = await house.table("bronze");
    const { hashForm: _, ...account } = JSON.parse(table.properties["pipectl.account"] as string);
    const partitions = account.partitions.map(
      ({ hashes: _hashes, ...line }: Record<string, unknown>) => line,
    );
    await house.catalog.commit({
      ...{ id: table.id, assertRefs: {} },
      setProperties: { "pipectl.account": JSON.stringify({ ...account, version: 4, partitions }) },
    });
    await bronze(house);
    expect(house.workspace.events).toContainEqual({
      type: "note",
      text: expect.stringContaining("all 4 rows are from before pipectl hashed them"),
    });
    house.topic.send(0, record("d"));
    await bronze(house);
    expect(await deep(house)).toMatchObject({
      status: "pass",
      detail: expect.stringContaining("; 4 without a hash, older than the first one or accepted"),
    });
    // From now on a row without a hash is one more than there may be.
    rewrite(house, "bronze", (rows) => rows.map(({ hash: _, ...row }) => row));
    expect((await problemOf(() => bronze(house))).message).toContain("1 row that pipectl did not write is");
  });
});
