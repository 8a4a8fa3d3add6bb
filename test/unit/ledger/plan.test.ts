import { describe, expect, it } from "vitest";
import { sizeOf } from "../../../src/lake/ranges.js";
import { planRanges } from "../../../src/ledger/plan.js";
import { problemOf } from "../../helpers/problem.js";
import { accountOf, landedPartition, topicId, topicOf } from "../../helpers/tables.js";

const at = (partition: number, first: number, end: number) => ({ partition, first, end });
const landed = landedPartition;
const range = (partition: number, start: number, end: number, lost = 0) => ({
  partition,
  start,
  end,
  lost,
  skipped: 0,
  present: 0,
});
type Args = [offsets: ReturnType<typeof at>[], ...partitions: ReturnType<typeof landed>[]];
const planWith =
  (acceptLoss: boolean, id: string = topicId) =>
  (...[offsets, ...partitions]: Args) =>
    planRanges("t", topicOf(offsets, id), accountOf({ partitions }), acceptLoss);
const plan = (...args: Args) => planWith(false)(...args).ranges;

describe("planRanges", () => {
  it("takes everything there is when nothing has landed, from the first offset that is left", () => {
    const offsets = topicOf([at(0, 0, 10), at(1, 500, 700), at(2, 0, 0)]);
    const { ranges, incarnation } = planRanges("t", offsets, undefined, false);
    expect(ranges).toEqual([range(0, 0, 10), range(1, 500, 700), range(2, 0, 0)]);
    expect(sizeOf(ranges)).toBe(210);
    expect(incarnation).toBe(0);
  });

  it("goes on where the last run ended, and lists a partition without news", () => {
    expect(plan([at(0, 0, 25), at(1, 0, 7)], landed(0, 10), landed(1, 7))).toEqual([
      range(0, 10, 25),
      range(1, 7, 7),
    ]);
  });

  it("has nothing to do when all has landed, also after Kafka removed it", () => {
    expect(sizeOf(plan([at(0, 0, 10)], landed(0, 10)))).toBe(0);
    expect(sizeOf(plan([at(0, 10, 10)], landed(0, 10)))).toBe(0);
    expect(sizeOf([])).toBe(0);
  });

  it("does not mind that Kafka removed what has landed", () => {
    expect(plan([at(0, 10, 25)], landed(0, 10))).toEqual([range(0, 10, 25)]);
  });

  it("takes a partition that was added from its beginning", () => {
    expect(plan([at(0, 0, 10), at(1, 0, 5)], landed(0, 10))).toEqual([range(0, 10, 10), range(1, 0, 5)]);
  });

  it("stops when Kafka removed records before they landed, and counts them by partition", async () => {
    const error = await problemOf(() =>
      plan([at(0, 11, 25), at(1, 0, 9), at(2, 1_500, 1_500)], landed(0, 10), landed(1, 3), landed(2, 0)),
    );
    expect(error).toMatchObject({ kind: "failed", code: "records_lost" });
    expect(error.message.split("\n").slice(1)).toEqual([
      "  partition 0: 1 (offsets 10 to 10)",
      "  partition 2: 1,500 (offsets 0 to 1499)",
    ]);
  });

  it("stops when the topic ends before what has landed, or lacks a partition: it is another topic", async () => {
    const error = await problemOf(() => plan([at(0, 0, 9)], landed(0, 10), landed(1, 4)));
    expect(error).toMatchObject({ kind: "failed", code: "topic_shrunk" });
    expect(error.message).toMatch(/partition 0 ends at 9.*\n.*partition 1 no longer exists/);
  });

  it("misses the beginning of an added partition, when Kafka removed it before it landed", async () => {
    const error = await problemOf(() => plan([at(0, 0, 10), at(1, 4, 5)], landed(0, 10)));
    expect(error).toMatchObject({ code: "records_lost" });
    expect(error.message).toContain("partition 1: 4 (offsets 0 to 3)");
  });

  it("stops when another topic has the name, however far it has grown, and says what both have", async () => {
    const error = await problemOf(() => planWith(false, "another")([at(0, 0, 500)], landed(0, 10)));
    expect(error).toMatchObject({ kind: "failed", code: "topic_remade" });
    expect(error.message).toContain(
      "partition 0: the old one landed up to offset 10, the new one has 500 records",
    );
    expect(error.hint).toContain("--accept-loss");
  });

  it("calls a topic that was made again shrunk, not lossy", async () => {
    expect(
      (await problemOf(() => plan([at(0, 0, 0), at(1, 50, 60)], landed(0, 10), landed(1, 20)))).code,
    ).toBe("topic_shrunk");
  });
});

describe("planRanges with accepted loss", () => {
  it("goes on with what is left, and counts what is not", () => {
    expect(
      planWith(true)([at(0, 11, 25), at(1, 0, 9), at(2, 15, 15)], landed(0, 10), landed(1, 3), landed(2, 0)),
    ).toEqual({
      topicId,
      incarnation: 0,
      ranges: [range(0, 11, 25, 1), range(1, 3, 9), range(2, 15, 15, 15)],
    });
  });

  it("does not go on where the log lost its end and the tables have a hole: no incarnation would tell what is there", async () => {
    const account = accountOf({ partitions: [landedPartition(0, 10)] });
    const shrunk = topicOf([at(0, 0, 9)]);
    expect(planRanges("t", shrunk, account, true)).toMatchObject({ incarnation: 1 });
    const present = new Map([[0, 3]]);
    expect(await problemOf(() => planRanges("t", shrunk, account, true, present))).toMatchObject({
      code: "topic_shrunk",
    });
  });

  it("takes another topic of the name from its beginning, as the next incarnation", () => {
    expect(planWith(true, "another")([at(0, 0, 5), at(1, 7, 9)], landed(0, 10), landed(1, 3))).toEqual({
      topicId: "another",
      incarnation: 1,
      ranges: [range(0, 0, 5), range(1, 7, 9, 7)],
    });
  });

  it("goes on from the end of a log that lost its end, as the next incarnation: no offset stands for two records", () => {
    expect(planWith(true)([at(0, 0, 6), at(1, 0, 30)], landed(0, 10), landed(1, 20))).toEqual({
      topicId,
      incarnation: 1,
      ranges: [range(0, 6, 6), range(1, 20, 30)],
    });
  });

  it("changes nothing where nothing is lost", () => {
    const args: Args = [[at(0, 0, 25)], landed(0, 10)];
    expect(planWith(true)(...args)).toEqual(planWith(false)(...args));
  });
});

describe("planRanges after a recount", () => {
  const account = accountOf({
    incarnation: 1,
    partitions: [
      landedPartition(0, 90),
      landedPartition(0, 10, { incarnation: 1 }),
      landedPartition(1, 5, { incarnation: 1 }),
    ],
  });
  const present = new Map([[1, 3]]);

  it("knows of each range how much is there already", () => {
    const { ranges, incarnation } = planRanges(
      "t",
      topicOf([at(0, 0, 25), at(1, 0, 9)]),
      account,
      false,
      present,
    );
    expect(ranges).toEqual([range(0, 10, 25), { ...range(1, 5, 9), present: 3 }]);
    expect(incarnation).toBe(1);
  });

  it("takes nothing of another topic for there already", () => {
    const { ranges, incarnation } = planRanges(
      "t",
      topicOf([at(0, 0, 25), at(1, 0, 9)], "x"),
      account,
      true,
      present,
    );
    expect(ranges).toEqual([range(0, 0, 25), range(1, 0, 9)]);
    expect(incarnation).toBe(2);
  });

  it("does not mend a hole in tables of which the topic has lost the end, whatever is accepted", async () => {
    const shrunk = topicOf([at(0, 0, 9), at(1, 0, 9)]);
    const error = await problemOf(() => planRanges("t", shrunk, account, true, present));
    expect(error.code).toBe("topic_shrunk");
    expect(error.message).toContain("partition 0 ends at 9, but landed up to 10");
    expect(error.hint).toContain("--accept-loss");
    expect(planRanges("t", shrunk, account, true).incarnation).toBe(2);
  });

  it("compares the topic with its own incarnation, not with those before", () => {
    expect(planRanges("t", topicOf([at(0, 0, 10), at(1, 0, 5)]), account, false).incarnation).toBe(1);
  });
});

describe("what planRanges says", () => {
  it("of loss: the way on without", async () => {
    const error = await problemOf(() => plan([at(0, 11, 25)], landed(0, 10)));
    expect(error.hint).toContain("pipectl process --accept-loss");
  });

  it("of another topic: what it has, also in partitions that the old one had not", async () => {
    const error = await problemOf(() => planWith(false, "x")([at(0, 7, 1_507), at(1, 0, 9)], landed(0, 10)));
    expect(error.message.split("\n").slice(1)).toEqual([
      "  partition 0: the old one landed up to offset 10, the new one has 1,500 records (offsets 7 to 1507)",
      "  partition 1: the old one landed up to offset 0, the new one has 9 records (offsets 0 to 9)",
    ]);
    expect(error.hint).toContain("incarnation 1");
  });
});
