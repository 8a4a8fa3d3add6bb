import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { StreamMark } from "../../../../src/lake/stream-mark.js";
import type { Account } from "../../../../src/ledger/account.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition, withAccount } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, value = 1) => ({ key, value, date: "2026-01-05" });
const bad = (key: string) => ({ ...record(key), bad: true as const });
const bronzeJob = "pipectl streaming bronze";

/** A house with one partition, over whose records a stream runs. It has completed no checkpoint yet. */
async function streaming(...records: ReturnType<typeof record>[]) {
  const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
  house.topic.send(0, ...records);
  await house.stream();
  return house;
}

/** The same, stopped with a savepoint: the records have landed. */
async function stopped(...records: ReturnType<typeof record>[]) {
  const house = await streaming(...records);
  await house.stop();
  return house;
}

const warnings = ({ workspace }: Awaited<ReturnType<typeof streaming>>) =>
  workspace.events.filter(({ type }) => type === "warning");
const dies = (house: Awaited<ReturnType<typeof streaming>>) =>
  house.flink.kill(house.flink.running(bronzeJob));

describe("a stream", () => {
  it("begins with the topic, and goes on from its savepoint", async () => {
    const house = await stopped(record("a"), bad("x"));
    const { stream } = (await house.account()) ?? {};
    expect(stream?.stopped?.savepoint).toMatch(/savepoint/);
    house.topic.send(0, record("b"));
    expect(await house.stream()).toMatchObject({ started: true, state: stream?.stopped?.savepoint });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect(house.seen("dlq")).toEqual(["x=1"]);
    // What was appended until it was stopped is counted.
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 3, { dlq: 1 })]);
  });

  it("that runs is left alone", async () => {
    const house = await streaming(record("a"));
    const before = await house.image();
    expect(await house.stream()).toMatchObject({ started: false, state: null });
    expect(await house.image()).toBe(before);
  });

  it("goes on where a batch run has ended, and a batch run where it was stopped", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"));
    await house.bronze();
    house.topic.send(0, record("b"));
    await house.stream();
    await house.stop();
    house.topic.send(0, record("c"));
    await house.bronze();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1"]);
    const account = await house.account();
    expect(account?.partitions).toEqual([landedPartition(0, 3)]);
    expect(account?.stream).toBeUndefined();
  });
});

describe("a stream that died", () => {
  it("commits what it had read: its successor takes the checkpoint over", async () => {
    const house = await streaming(record("a"));
    house.flink.checkpoint(house.flink.running(bronzeJob));
    house.topic.send(0, record("b"));
    const id = house.flink.running(bronzeJob);
    house.flink.checkpoint(id, "and dies before its commit");
    expect(house.seen("bronze")).toEqual(["a=1"]);
    house.topic.send(0, record("c"));
    expect((await house.stream()).state).toContain(`${id}/chk-2`);
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1"]);
    expect((await house.bronze()).job).toBeUndefined();
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 3)]);
    // By what the stream has appended, not by counting every row.
    expect(warnings(house)).toEqual([]);
  });

  it("without a checkpoint is counted, and begun at the next offset", async () => {
    const house = await streaming(record("a"));
    dies(house);
    expect(await house.stream()).toMatchObject({ started: true, state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1"]);
  });

  it("has its state left alone when the tables hold more than its last checkpoint: rows would come twice", async () => {
    const house = await streaming(record("a"));
    const id = house.flink.running(bronzeJob);
    house.flink.checkpoint(id);
    house.topic.send(0, record("b"));
    house.flink.checkpoint(id);
    await house.flink.rest.disposeState(`file:///checkpoints/${id}/chk-2`);
    dies(house);
    expect(await house.stream()).toMatchObject({ started: true, state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });

  it("has a hole mended that it has left", async () => {
    const house = await streaming(record("a"), record("b"));
    house.flink.checkpoint(house.flink.running(bronzeJob));
    dies(house);
    // A commit of one table was lost with its job's state.
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.filter(({ record: { key } }) => key !== "a"),
    });
    house.topic.send(0, record("c"));
    await house.stream();
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1"]);
  });
});

describe("a stream of another machine that begins at the same time", () => {
  /** Puts the other one's mark into the account. */
  const overtake = ({ catalog }: Awaited<ReturnType<typeof stopped>>, account: Account) => {
    const stream = { ...(account.stream as StreamMark), jobs: ["the other one's"] };
    const setProperties = withAccount({ ...account, stream });
    void catalog.commit({ id: taxi.tables.bronze, assertRefs: {}, setProperties });
  };
  const expectTheirs = async (house: Awaited<ReturnType<typeof stopped>>) => {
    expect(await problemOf(() => house.stream())).toMatchObject({ code: "stream_running" });
    expect((await house.account())?.stream?.jobs).toEqual(["the other one's"]);
    expect(() => house.flink.running(bronzeJob)).toThrow("no job runs");
  };

  it("goes on where it was put on record last, and ours is not submitted", async () => {
    const house = await stopped(record("a"));
    const account = (await house.account()) as Account;
    house.catalog.afterCommit = () => {
      house.catalog.afterCommit = () => {};
      overtake(house, account);
    };
    await expectTheirs(house);
  });

  it("goes on, and ours is cancelled that was being submitted", async () => {
    const house = await stopped(record("a"));
    const account = (await house.account()) as Account;
    house.engine.beforeJob = () => {
      overtake(house, account);
      return undefined;
    };
    await expectTheirs(house);
  });
});

describe("a job that the account does not name as its newest", () => {
  it("is stopped, but nothing goes on from its savepoint", async () => {
    const house = await streaming(record("a"));
    const account = (await house.account()) as Account;
    const stream = { ...(account.stream as StreamMark), jobs: ["a newer one, which is gone"] };
    await house.catalog.commit({
      ...{ id: taxi.tables.bronze, assertRefs: {}, setProperties: withAccount({ ...account, stream }) },
    });
    expect((await house.stop()).stopped).toHaveLength(1);
    expect((await house.account())?.stream).toEqual(stream);
    expect(await house.stream()).toMatchObject({ started: true, state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1"]);
  });
});

describe("a batch run that was killed between its two commits", () => {
  it("has its dead letters published before a stream begins", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"), bad("x"));
    house.catalog.beforeCommit = ({ id, setRefs }) => {
      if (id.table === taxi.tables.dlq.table && setRefs?.main !== undefined)
        throw unavailable("catalog_error", "the catalog is gone");
    };
    expect(await problemOf(() => house.bronze())).toMatchObject({ code: "publication_unfinished" });
    expect(house.seen("dlq")).toEqual([]);
    house.catalog.beforeCommit = () => {};
    house.topic.send(0, record("b"));
    await house.stream();
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect(house.seen("dlq")).toEqual(["x=1"]);
  });
});

describe("a savepoint that Flink refuses", () => {
  it("is no reason not to begin: what has landed is counted, and the stream begins where the tables end", async () => {
    const house = await stopped(record("a"));
    await house.flink.rest.disposeState((await house.account())?.stream?.stopped?.savepoint as string);
    house.topic.send(0, record("b"));
    expect(await house.stream()).toMatchObject({ started: true, state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });

  it("is left alone with --from-tables", async () => {
    const house = await stopped(record("a"));
    house.topic.send(0, record("b"));
    expect(await house.stream({ fromTables: true })).toMatchObject({ started: true, state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });
});

describe("a table that was set back behind what its stream has appended", () => {
  it("is counted, and what is missing taken again: no state is taken over", async () => {
    const house = await streaming(record("a"));
    house.flink.checkpoint(house.flink.running(bronzeJob));
    const before = house.catalog.head(taxi.tables.bronze) as string;
    house.topic.send(0, record("b"));
    await house.stop();
    house.catalog.setMain(taxi.tables.bronze, before);
    expect(house.seen("bronze")).toEqual(["a=1"]);
    expect(await house.stream()).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });
});

describe("records that Kafka no longer has", () => {
  it("no stream goes on without them, unless somebody accepts that", async () => {
    const house = await stopped(record("a"));
    house.topic.send(0, record("b"), record("c"));
    house.topic.truncate(0, 2);
    const before = await house.image();
    expect(await problemOf(() => house.stream())).toMatchObject({ code: "records_lost" });
    expect(await house.image()).toBe(before);
    // Not from the savepoint, which knows nothing of the loss.
    expect(await house.stream({ acceptLoss: true })).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "c=1"]);
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 3, { lost: 1 })]);
  });

  it("nor from a checkpoint", async () => {
    const house = await streaming(record("a"));
    house.flink.checkpoint(house.flink.running(bronzeJob));
    dies(house);
    house.topic.send(0, record("b"), record("c"));
    house.topic.truncate(0, 2);
    expect(await problemOf(() => house.stream())).toMatchObject({ code: "records_lost" });
    expect(await house.stream({ acceptLoss: true })).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "c=1"]);
  });

  it("a topic made again begins a new incarnation, from its first offset: the savepoint is of the old one", async () => {
    const house = await stopped(record("a"), bad("x"));
    house.topic.remake();
    house.topic.send(0, record("b"), record("c"), record("d"));
    expect(await problemOf(() => house.stream())).toMatchObject({ code: "topic_remade" });
    expect(await house.stream({ acceptLoss: true })).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1", "d=1"]);
    const { incarnation, partitions } = (await house.account()) ?? {};
    expect(incarnation).toBe(1);
    expect(partitions).toEqual([
      landedPartition(0, 2, { dlq: 1 }),
      landedPartition(0, 3, { incarnation: 1 }),
    ]);
  });
});

describe("--start latest", () => {
  it("leaves out what is there, and the account shows it for ever", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"), record("b"));
    await house.stream({ latest: true });
    house.topic.send(0, record("c"));
    await house.stop();
    expect(house.seen("bronze")).toEqual(["c=1"]);
    await house.bronze();
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 3, { skipped: 2 })]);
    expect(house.seen("bronze")).toEqual(["c=1"]);
  });

  it("takes no savepoint over, which would read on where it was", async () => {
    const house = await stopped(record("a"));
    house.topic.send(0, record("b"));
    expect(await house.stream({ latest: true })).toMatchObject({ state: null });
    house.topic.send(0, record("c"));
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "c=1"]);
  });
});
