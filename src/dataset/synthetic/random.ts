import { sum } from "../../core/sum.js";
/**
 * A small, fast pseudo-random generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state. It is own code, because
 * Math.random cannot be seeded, and because the bytes for a seed must not change with a dependency.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed any integer that is exact in a double
   * @param stream numbers that distinguish independent sequences of one seed
   */
  constructor(seed: number, ...stream: readonly number[]) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = 0x9e3779b9;
    for (const part of [...stream, 0]) {
      this.#c = (this.#c ^ part) >>> 0;
      // Twelve rounds mix the seed into all of the state, as the author advises.
      for (let round = 0; round < 12; round++) this.uint32();
    }
  }

  /** 0 to 2^32 - 1 */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 <= x < 1, in steps of 2^-32 */
  float(): number {
    return this.uint32() / 4294967296;
  }

  /** 0 to below - 1 */
  below(below: number): number {
    return Math.floor(this.float() * below);
  }
}

/**
 * Draws indexes by weight in constant time (Walker's alias method, as built by Vose).
 *
 * @param weights not negative, with a sum above 0
 */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const size = weights.length;
  const total = sum(weights);
  const share = weights.map((weight) => (weight / total) * size);
  const keep = new Float64Array(size).fill(1);
  const alias = new Uint32Array(size);
  const small = share.flatMap((value, index) => (value < 1 ? [index] : []));
  const large = share.flatMap((value, index) => (value < 1 ? [] : [index]));
  while (small.length > 0 && large.length > 0) {
    const [low, high] = [small.pop() ?? 0, large.at(-1) ?? 0];
    keep[low] = share[low] ?? 0;
    alias[low] = high;
    share[high] = (share[high] ?? 0) - (1 - (share[low] ?? 0));
    if ((share[high] ?? 0) < 1) small.push(large.pop() ?? 0);
  }
  return (random) => {
    const index = random.below(size);
    return random.float() < (keep[index] ?? 1) ? index : (alias[index] ?? 0);
  };
}

const steps = 4096;

/** Draws e^(sigma * N(0,1)) from a table of quantiles, which is far cheaper than a logarithm and a cosine per value. */
export function lognormalNoise(sigma: number): (random: Random) => number {
  const table = Float64Array.from({ length: steps + 1 }, (_, step) =>
    // Half a step from the ends, where the quantile is infinite: the noise is limited to 3.7 sigma.
    Math.exp(sigma * normalQuantile(Math.min(Math.max(step / steps, 0.5 / steps), 1 - 0.5 / steps))),
  );
  return (random) => {
    const at = random.float() * steps;
    const step = Math.floor(at);
    const low = table[step] ?? 1;
    return low + ((table[step + 1] ?? low) - low) * (at - step);
  };
}

/** Bisection over the distribution function. It is exact enough, and only used to build tables. */
function normalQuantile(probability: number): number {
  let [low, high] = [-8, 8];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - tail : tail;
}
