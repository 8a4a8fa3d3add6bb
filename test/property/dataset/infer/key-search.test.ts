import { describe, expect, it } from "vitest";
import { KeySearch } from "../../../../src/dataset/infer/key-search.js";

describe("KeySearch", () => {
  it("gives a candidate up when memory runs out, and says after how many records", () => {
    const keys = new KeySearch(3, [0, 1, 2]);
    const count = 3_400_000;
    for (let n = 0; n < count; n++) {
      for (const column of [0, 1, 2]) if (keys.wants(column)) keys.value(column, `${column}-${n}`);
      keys.next();
    }
    const { candidates, ranOut } = keys.found();
    expect(candidates.map(({ columns }) => columns)).toEqual([[0]]);
    expect(ranOut.map(({ columns }) => columns)).toEqual([[2], [1]]);
    for (const { records } of ranOut) expect(records).toBeGreaterThan(1_000_000);
  });
});
