import { usage } from "../../core/errors.js";
import { Slab } from "../slab.js";
import type { Dataset, SourceRecord } from "../types.js";
import { faultsOf } from "./faults.js";
import { Random } from "./random.js";
import { rowMaker } from "./rows.js";
import type { SyntheticSpec } from "./spec.js";
import type { Value } from "./time-values.js";

export interface SynthesizeOptions {
  /** Total number of records, including malformed ones and duplicates; by default endless. */
  readonly count?: number;
  /** The same seed, rates and start produce the same bytes. */
  readonly seed: number;
  /** Share of records that a strict reader refuses, 0 to 1. */
  readonly malformed?: number;
  /** Share of records that are exact copies of earlier good ones, 0 to 1. */
  readonly duplicates?: number;
  /** First day of the event times, YYYY-MM-DD; by default the manifest's. Never the clock. */
  readonly startTime?: string;
  /** Records per chunk. It does not change the records. */
  readonly chunkSize?: number;
}

export interface SyntheticRecord extends SourceRecord {
  readonly kind: "good" | "malformed" | "duplicate";
  /** The way in which a malformed record is broken; null for the others. */
  readonly fault: string | null;
}

/** Duplicates are copies of one of this many last good records, so that memory stays bounded. */
const remembered = 1024;

/**
 * Makes records by the manifest's `synthetic:` part.
 *
 * Deterministic: record n depends only on seed, rates and start, not on count or chunk size. Of the first n records exactly
 * round(n * malformed) are malformed, and round(n * duplicates) are duplicates; if both are due at once, the duplicate follows
 * one record later. The faults take turns, so that a few dozen malformed records show all of them. Good records all differ in
 * their event time, and so in their natural key.
 *
 * @throws usage error `generate_options`, or `synthetic_missing` when the manifest has no generator
 */
export function synthesize(
  dataset: Dataset,
  options: SynthesizeOptions,
): Iterable<readonly SyntheticRecord[]> {
  const { count = Number.POSITIVE_INFINITY, malformed = 0, duplicates = 0, chunkSize = 1000 } = options;
  check(options);
  const { synthetic } = dataset;
  if (!synthetic) {
    throw usage("synthetic_missing", `the dataset ${dataset.name} has no 'synthetic:' in ${dataset.path}`);
  }
  const records = synthesizeEach(
    dataset,
    synthetic,
    options.seed,
    malformed,
    duplicates,
    firstDay(dataset, options.startTime),
  );
  return {
    *[Symbol.iterator]() {
      const source = records();
      for (let left = count; left > 0; left -= chunkSize) {
        const chunk = new Array<SyntheticRecord>(Math.min(chunkSize, left));
        for (let index = 0; index < chunk.length; index++) chunk[index] = source();
        yield chunk;
      }
    },
  };
}

/** @returns a function that starts from the beginning and returns a function that makes the next record */
function synthesizeEach(
  dataset: Dataset,
  synthetic: SyntheticSpec,
  seed: number,
  malformed: number,
  duplicates: number,
  startDay: number,
): () => () => SyntheticRecord {
  return () => {
    const rows = rowMaker(dataset, synthetic, seed, startDay);
    const names = rows.columns.map((column) => column.name);
    const prefixes = rows.columns.map(
      ({ source }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(source)}:`,
    );
    const render = (tokens: readonly string[]) => {
      return `${prefixes.map((prefix, index) => prefix + tokens[index]).join("")}}`;
    };
    const keySlots = dataset.messageKey.map((name) => names.indexOf(name));
    const faults = faultsOf(rows.columns, render);
    const random = new Random(seed, 4);
    const slab = new Slab();
    const recent: SourceRecord[] = [];
    let made = 0;
    let good = 0;
    let broken = 0;
    let copied = 0;
    return () => {
      made++;
      if (broken < Math.round(made * malformed)) {
        const fault = faults[broken++ % faults.length];
        const row = rows.next();
        // A row has more slots than the record has fields.
        const tokens = row.slice(0, names.length).map(({ token }) => token);
        const value = fault?.make(tokens, random) ?? null;
        return { key: keyOf(slab, keySlots, row), value, kind: "malformed", fault: fault?.name ?? null };
      }
      if (copied < Math.round(made * duplicates) && good > 0) {
        copied++;
        const original = recent[random.below(recent.length)] ?? { key: null, value: null };
        return { key: original.key, value: original.value, kind: "duplicate", fault: null };
      }
      const row = rows.next();
      let json = "";
      for (let slot = 0; slot < names.length; slot++) json += row[slot]?.field;
      const record = { key: keyOf(slab, keySlots, row), value: slab.bytes(`${json}}`, "utf8") };
      recent[good++ % remembered] = record;
      return { key: record.key, value: record.value, kind: "good", fault: null };
    };
  };
}

/** As for records of files: values joined by `|`, NULL as nothing, and no key when there is no value. */
function keyOf(slab: Slab, slots: readonly number[], row: readonly Value[]): Buffer | null {
  let key = "";
  let isEmpty = true;
  for (let index = 0; index < slots.length; index++) {
    const token = row[slots[index] ?? -1]?.token ?? "null";
    const text = token === "null" ? "" : token.startsWith('"') ? String(unquoted(token)) : token;
    if (text !== "") isEmpty = false;
    key += index === 0 ? text : `|${text}`;
  }
  return isEmpty ? null : slab.bytes(key, "utf8");
}

const unquoted = (token: string) => (token.includes("\\") ? JSON.parse(token) : token.slice(1, -1));

function check({ count, seed, malformed = 0, duplicates = 0, chunkSize = 1 }: SynthesizeOptions) {
  const bad = (message: string) => usage("generate_options", message);
  if (!Number.isSafeInteger(seed) || seed < 0) throw bad(`the seed must be a whole number from 0: ${seed}`);
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 0)) {
    throw bad(`the count must be a whole number from 0: ${count}`);
  }
  if (!Number.isSafeInteger(chunkSize) || chunkSize < 1)
    throw bad(`the chunk size must be from 1: ${chunkSize}`);
  for (const [name, rate] of Object.entries({ malformed, duplicates })) {
    if (!(rate >= 0 && rate <= 1)) throw bad(`the share of ${name} records must be from 0 to 1: ${rate}`);
  }
  if (malformed + duplicates > 1) {
    throw bad(`malformed (${malformed}) and duplicates (${duplicates}) together are more than all records`);
  }
}

function firstDay(dataset: Dataset, startTime: string | undefined): number {
  const start = startTime ?? dataset.synthetic?.event_time.start ?? "";
  const time = /^\d{4}-\d{2}-\d{2}$/.test(start) ? Date.parse(`${start}T00:00:00Z`) : Number.NaN;
  const isReal = !Number.isNaN(time) && new Date(time).toISOString().startsWith(start);
  if (dataset.synthetic && !isReal) {
    throw usage("generate_options", `the start must be a day as YYYY-MM-DD: ${start}`);
  }
  return isReal ? time / 86_400_000 : 0;
}
