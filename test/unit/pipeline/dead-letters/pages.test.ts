import { describe, expect, it } from "vitest";
import { paging } from "../../../../src/pipeline/dead-letters/pages.js";

const deadLetter = (offset: number, valueBytes: number | null = 10, partition = 0, incarnation = 0) => ({
  ...{ incarnation, partition, offset, keyBytes: null, valueBytes },
});

function pagesOf(places: readonly ReturnType<typeof deadLetter>[], which?: "one by one") {
  const pages = paging(1_000, which);
  for (const place of places) pages.add(place);
  return pages.pages();
}

describe("pages of dead letters", () => {
  it("are none for none", () => {
    expect(pagesOf([])).toEqual([]);
  });

  it("are ranges of offsets of each partition and incarnation, with all that lies between", () => {
    const [page, ...more] = pagesOf([
      deadLetter(3),
      deadLetter(90),
      deadLetter(5, 1, 1),
      deadLetter(0, null, 1, 1),
    ]);
    expect(more).toEqual([]);
    expect(page).toMatchObject({
      rows: 4,
      ranges: [
        { incarnation: 0, partition: 0, first: 3, last: 90 },
        { incarnation: 0, partition: 1, first: 5, last: 5 },
        { incarnation: 1, partition: 1, first: 0, last: 0 },
      ],
    });
  });

  it("or nothing but these, one by one", () => {
    const [page] = pagesOf([deadLetter(3), deadLetter(4), deadLetter(90)], "one by one");
    expect(page?.ranges.map(({ first, last }) => [first, last])).toEqual([
      [3, 4],
      [90, 90],
    ]);
  });

  it("are bounded in rows and in bytes, and have each letter once", () => {
    const places = Array.from({ length: 45_000 }, (_, i) => deadLetter(i, 10));
    expect(
      pagesOf(places)
        .map(({ rows }) => rows)
        .reduce((a, b) => a + b),
    ).toBe(45_000);
    expect(Math.max(...pagesOf(places).map(({ rows }) => rows))).toBeLessThanOrEqual(20_000);
    const wide = Array.from({ length: 30 }, (_, i) => deadLetter(i, 1_000_000));
    expect(pagesOf(wide).map(({ rows }) => rows)).toEqual([7, 7, 7, 7, 2]);
    const scattered = Array.from({ length: 2_500 }, (_, i) => deadLetter(2 * i));
    expect(pagesOf(scattered, "one by one").map(({ ranges }) => ranges.length)).toEqual([1000, 1000, 500]);
  });

  it("name those that are too large for a row; one that is larger than a page has its own", () => {
    const pages = pagesOf([deadLetter(0), deadLetter(1, 1_001), deadLetter(2, 9_000_000), deadLetter(3)]);
    expect(pages.map(({ rows, large }) => [rows, large.map(({ offset }) => offset)])).toEqual([
      [2, [1]],
      [1, [2]],
      [1, []],
    ]);
  });
});
