import type { Random } from "../../src/dataset/synthetic/random.js";

/**
 * What tests draw follows from it. Each test that draws has it in its name, so that a failure shows it: CHAOS_SEED=N draws the
 * same again. A file makes its own `Random` of it, for files that run before it may share its worker.
 */
export const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

/** So many bytes. */
export const bytesOf = (random: Random, length: number) =>
  Buffer.from(Array.from({ length }, () => random.below(256)));
