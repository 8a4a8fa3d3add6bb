import { describe, expect, it } from "vitest";
import { lognormalNoise, Random, weighted } from "../../../../src/dataset/synthetic/random.js";

describe("Random", () => {
  it("tells seeds and streams apart, also large ones", () => {
    const first = [[1], [2], [2 ** 32], [2 ** 32 + 1], [1, 1], [1, 2], [1, 1, 1]].map(
      ([seed = 0, ...stream]) => new Random(seed, ...stream).uint32(),
    );
    expect(new Set(first).size).toBe(first.length);
  });

  it("is even", () => {
    const random = new Random(1);
    const counts = new Array<number>(16).fill(0);
    for (let round = 0; round < 160_000; round++) {
      const index = random.below(16);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe("weighted", () => {
  it("draws by weight, and never what weighs nothing", () => {
    const random = new Random(1);
    const draw = weighted([5, 0, 3, 2]);
    const counts = [0, 0, 0, 0];
    for (let round = 0; round < 100_000; round++) {
      const index = draw(random);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect(counts[1]).toBe(0);
    [50_000, 0, 30_000, 20_000].forEach((expected, index) => {
      expect(Math.abs((counts[index] ?? 0) - expected)).toBeLessThan(700);
    });
  });
});

describe("lognormalNoise", () => {
  it("has median 1 and the spread that was asked for", () => {
    const random = new Random(1);
    const draw = lognormalNoise(0.5);
    const logs = Array.from({ length: 100_000 }, () => Math.log(draw(random)));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const spread = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length);
    expect(mean).toBeCloseTo(0, 1);
    expect(spread).toBeCloseTo(0.5, 1);
  });
});
