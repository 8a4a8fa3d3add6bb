import { describe, expect, it } from "vitest";
import { planRanges, sizeOf } from "../../../src/pipeline/plan.js";
import { problemOf } from "../../helpers/problem.js";
import { accountOf } from "../../helpers/tables.js";

const at = (partition: number, first: number, end: number) => ({ partition, first, end });
const landed = (partition: number, next: number, first = 0) => ({
  partition,
  first,
  next,
  bronze: next - first,
  dlq: 0,
});
const plan = (offsets: ReturnType<typeof at>[], ...partitions: ReturnType<typeof landed>[]) =>
  planRanges("t", offsets, accountOf({ partitions }));

describe("planRanges", () => {
  it("takes everything there is when nothing has landed, from the first offset that is left", () => {
    const ranges = planRanges("t", [at(0, 0, 10), at(1, 500, 700), at(2, 0, 0)], undefined);
    expect(ranges).toEqual([
      { partition: 0, start: 0, end: 10 },
      { partition: 1, start: 500, end: 700 },
      { partition: 2, start: 0, end: 0 },
    ]);
    expect(sizeOf(ranges)).toBe(210);
  });

  it("goes on where the last run ended, and lists a partition without news", () => {
    expect(plan([at(0, 0, 25), at(1, 0, 7)], landed(0, 10), landed(1, 7))).toEqual([
      { partition: 0, start: 10, end: 25 },
      { partition: 1, start: 7, end: 7 },
    ]);
  });

  it("has nothing to do when all has landed, also after Kafka removed it", () => {
    expect(sizeOf(plan([at(0, 0, 10)], landed(0, 10)))).toBe(0);
    expect(sizeOf(plan([at(0, 10, 10)], landed(0, 10)))).toBe(0);
    expect(sizeOf([])).toBe(0);
  });

  it("does not mind that Kafka removed what has landed", () => {
    expect(plan([at(0, 10, 25)], landed(0, 10))).toEqual([{ partition: 0, start: 10, end: 25 }]);
  });

  it("takes a partition that was added from its beginning", () => {
    expect(plan([at(0, 0, 10), at(1, 0, 5)], landed(0, 10))).toEqual([
      { partition: 0, start: 10, end: 10 },
      { partition: 1, start: 0, end: 5 },
    ]);
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
    expect(error.message).toMatch(/partition 0 ends at 9.*\n.*partition 1 is gone/);
  });

  it("calls a topic that was made again shrunk, not lossy", async () => {
    expect(
      (await problemOf(() => plan([at(0, 0, 0), at(1, 50, 60)], landed(0, 10), landed(1, 20)))).code,
    ).toBe("topic_shrunk");
  });
});
