import { describe, expect, it } from "vitest";
import { rangesOf } from "../../../src/ledger/positions.js";

const at = (incarnation: number, partition: number, offset: number) => ({ incarnation, partition, offset });

describe("places for our own job", () => {
  it("are ranges of neighbours, whatever their order", () => {
    const places = [at(0, 1, 5), at(0, 0, 7), at(0, 0, 6), at(0, 0, 9), at(1, 0, 10), at(0, 0, 8)];
    expect(rangesOf(places)).toBe("0/0/6-9,0/1/5-5,1/0/10-10");
  });

  it("are none, and each once", () => {
    expect(rangesOf([])).toBe("");
    expect(rangesOf([at(0, 0, 6), at(0, 0, 6)])).toBe("0/0/6-6");
  });
});
