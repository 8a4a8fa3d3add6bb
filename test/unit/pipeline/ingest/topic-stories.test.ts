import { describe, expect, it } from "vitest";
import { accountProperty } from "../../../../src/ledger/account.js";
import { accountOutcome } from "../../../../src/pipeline/validate/account-outcome.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition } from "../../../helpers/tables.js";

// What Kafka can do to a topic behind our back, from its first record to the account afterwards.

const root = temporaryProject();
const record = (key: string) => ({ key, value: 1, date: "2026-01-05" });
const records = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => record(`${name}${i}`));

async function landed(count: number, flags = {}) {
  const house = fakeHouse(root, { partitions: 2, flags });
  house.topic.send(0, ...records("a", count));
  house.topic.send(1, record("z"));
  await house.bronze();
  return house;
}
type House = Awaited<ReturnType<typeof landed>>;
const verdictOf = async ({ workspace }: House) => (await accountOutcome(workspace)).verdict;

describe("Kafka is restored from an older copy", () => {
  it("and filled past the old end: no run goes on, and the new records land when somebody says so", async () => {
    const house = await landed(20);
    house.topic.send(0, ...records("b", 10));
    await house.bronze();
    house.topic.restore(0, 25);
    house.topic.send(0, ...records("new", 8));
    const before = await house.image();
    expect(await verdictOf(house)).toEqual({
      status: "fail",
      detail:
        "topic taxi.raw_trips has other records than those that have landed: partition 0: another record at offset 29, the same ones up to offset 19",
      hint: "pipectl process says what can be done; where a stream runs, first: pipectl stop --cancel",
    });
    const error = await problemOf(() => house.bronze());
    expect(error).toMatchObject({ kind: "failed", code: "topic_diverged" });
    expect(error.message).toContain(
      "partition 0: another record at offset 29, the same ones up to offset 19",
    );
    expect(error.hint).toContain("pipectl process --accept-loss");
    expect(await house.image()).toBe(before);

    await house.bronze(true);
    expect((await verdictOf(house)).status).toBe("pass");
    // From offset 20 on, under the next incarnation; what Kafka has lost stays where it landed.
    expect((await house.account())?.partitions).toEqual([
      landedPartition(0, 30),
      landedPartition(1, 1),
      { ...landedPartition(0, 33, { incarnation: 1 }), first: 20, bronze: 13 },
      { ...landedPartition(1, 1, { incarnation: 1 }), first: 1, bronze: 0 },
    ]);
    expect(house.seen("bronze").filter((key) => key.startsWith("new"))).toHaveLength(8);
    // And it stays so: the anchors are those of what Kafka has now.
    house.topic.send(0, record("c"));
    await house.bronze();
    expect((await verdictOf(house)).status).toBe("pass");
  });

  it("and filled up to just where it ended: nothing is new, and yet it is said", async () => {
    const house = await landed(20);
    house.topic.restore(0, 18);
    house.topic.send(0, ...records("new", 2));
    expect(await problemOf(() => house.bronze())).toMatchObject({ code: "topic_diverged" });
    expect((await verdictOf(house)).status).toBe("fail");
    await house.bronze(true);
    expect((await verdictOf(house)).status).toBe("pass");
    expect(house.seen("bronze").filter((key) => key.startsWith("new"))).toHaveLength(2);
  });

  it("while a stream is stopped: it begins anew, not from its savepoint", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"));
    await house.stream();
    house.topic.send(0, ...records("b", 5));
    await house.stop();
    house.topic.restore(0, 1);
    house.topic.send(0, ...records("new", 5));
    expect(await problemOf(() => house.stream())).toMatchObject({ code: "topic_diverged" });
    expect(await house.stream({ acceptLoss: true })).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze").filter((key) => key.startsWith("new"))).toHaveLength(5);
    expect((await verdictOf(house)).status).not.toBe("fail");
  });

  it("is not mixed up with retention: what is gone cannot be compared, and that is said", async () => {
    const house = await landed(20);
    house.topic.truncate(0, 20);
    expect(await verdictOf(house)).toMatchObject({
      status: "pass",
      detail: expect.stringMatching(
        /; not comparable: Kafka has none of the records any more by which partition 0 is recognised$/,
      ),
    });
    house.topic.send(0, record("b"));
    await house.bronze();
    expect((await verdictOf(house)).detail).not.toContain("not comparable");
  });

  it("nor with compaction: then an older record is compared", async () => {
    const house = await landed(20);
    house.topic.send(0, ...records("b", 5));
    await house.bronze();
    house.topic.compact(0, 24);
    expect(await verdictOf(house)).toMatchObject({
      status: "pass",
      detail: expect.not.stringContaining("not comparable"),
    });
    house.topic.compact(0, 19);
    expect((await verdictOf(house)).detail).toContain("not comparable");
  });
});

describe("a topic that is made again", () => {
  it("is another one, though bronze has lost its properties", async () => {
    const house = await landed(3);
    house.topic.remake();
    house.topic.send(0, ...records("new", 3));
    house.topic.send(1, record("y"));
    house.catalog.forget(house.dataset.tables.bronze, accountProperty, "pipectl.topic");
    expect(await problemOf(() => house.bronze())).toMatchObject({ code: "topic_remade" });
    await house.bronze(true);
    expect(house.seen("bronze")).toEqual([
      "a0=1",
      "a1=1",
      "a2=1",
      "new0=1",
      "new1=1",
      "new2=1",
      "y=1",
      "z=1",
    ]);
    expect((await house.account())?.incarnation).toBe(1);
  });
});

describe("the head of the topic is removed while the first run reads", () => {
  it("the next run reports it", async () => {
    const house = fakeHouse(root, { partitions: 1 });
    house.topic.send(0, ...records("a", 10));
    house.engine.beforeJob = () => void house.topic.truncate(0, 4);
    expect(await problemOf(() => house.bronze())).toMatchObject({ code: "records_lost" });
    house.engine.beforeJob = () => undefined;
    const error = await problemOf(() => house.bronze());
    expect(error).toMatchObject({ code: "records_lost" });
    expect(error.message).toContain("partition 0: 4 (offsets 0 to 3)");
    expect((await verdictOf(house)).detail).toContain("4 removed by Kafka before they landed");
    await house.bronze(true);
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 10, { lost: 4 })]);
  });

  it("before that, nothing has landed", async () => {
    const house = fakeHouse(root, { partitions: 1 });
    house.topic.send(0, ...records("a", 10));
    house.engine.beforeJob = () => "FAILED";
    await expect(house.bronze()).rejects.toThrow();
    house.engine.beforeJob = () => undefined;
    expect(await verdictOf(house)).toMatchObject({
      status: "fail",
      detail: "10 produced, nothing has landed",
    });
    await house.bronze();
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 10)]);
  });
});
