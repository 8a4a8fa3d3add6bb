import { describe, expect, it } from "vitest";
import { keptAnchors, thinned } from "../../../src/ledger/kept-anchors.js";

const anchor = (offset: number, partition = 0) => ({ partition, offset, timestampMs: 1, checksum: offset });
const offsets = (anchors: readonly { offset: number }[] = []) => anchors.map(({ offset }) => offset);
const upTo = (end: number) => Array.from({ length: end }, (_, i) => anchor(i));

describe("the anchors of a partition", () => {
  it("are few: the oldest, the newest, and those near the end denser than those before", () => {
    const kept = offsets(thinned(upTo(1000), 8));
    expect(kept).toHaveLength(8);
    expect([kept[0], kept.at(-1)]).toEqual([0, 999]);
    const gaps = kept.slice(1).map((offset, i) => offset - (kept[i] as number));
    expect(gaps).toEqual(gaps.toSorted((a, b) => b - a));
  });

  it("are each there once, in order", () => {
    expect(offsets(thinned([anchor(7), anchor(3), anchor(7)], 8))).toEqual([3, 7]);
  });
});

describe("the anchors after a run", () => {
  const account = { topicId: "a", anchors: [anchor(3), anchor(9), anchor(5, 1)] };
  const ranges = [
    { partition: 0, start: 8 },
    { partition: 1, start: 8 },
  ];

  it("are those before what it takes, and the new ones", () => {
    const { anchors } = keptAnchors(account, "a", ranges, [anchor(20), anchor(30, 1)]);
    expect(anchors).toEqual([anchor(3), anchor(20), anchor(5, 1), anchor(30, 1)]);
  });

  it("are the new ones alone, where the topic is another one", () => {
    expect(keptAnchors(account, "b", ranges, [anchor(20)])).toEqual({ anchors: [anchor(20)] });
    expect(keptAnchors(account, "b", ranges)).toEqual({});
    expect(keptAnchors(undefined, "a", ranges)).toEqual({});
  });

  it("are fewer for each partition where there are many partitions", () => {
    const many = Array.from({ length: 200 }, (_, partition) => ({ partition, start: 100 }));
    const { anchors } = keptAnchors({ topicId: "a", anchors: upTo(50) }, "a", many);
    expect(offsets(anchors)).toEqual([0, 49]);
  });
});
