import { isNumeric } from "../column-type.js";
import type { Column } from "../types.js";
import { lognormalNoise, type Random, weighted } from "./random.js";
import type { Generator } from "./spec.js";
import { TimeValues, type Value } from "./time-values.js";

/** The values of the current record, with one slot for each column and variable. */
export type Row = Value[];

/** Makes one value and puts it into its slot. */
export type Sampler = (row: Row, random: Random) => void;

export interface SamplerContext {
  readonly slot: number;
  /** The column of the value; undefined for a variable. */
  readonly column: Column | undefined;
  /** The text before the value in the record, `,"name":`. */
  readonly prefix: string;
  slotOf(name: string): number;
}

/** A value to be reused. Its text is flattened; otherwise V8 would traverse its parts each time it is written. */
export function keptValue(number: number, token: string, prefix: string): Value {
  return { number, token, field: prefix === "" ? "" : Buffer.from(prefix + token).toString() };
}

/** Turns a generator of the manifest into a function. All names in it are known to exist. */
export function compileSampler(generator: Generator, context: SamplerContext): Sampler {
  const { slot, column, prefix } = context;
  const literal = (text: string) =>
    column === undefined || isNumeric(column.parsedType) || column.parsedType.kind === "boolean"
      ? text
      : JSON.stringify(text);

  if ("constant" in generator) {
    const text = String(generator.constant);
    const value = keptValue(Number(text) || 0, literal(text), prefix);
    return (row) => {
      row[slot] = value;
    };
  }
  if ("choice" in generator) {
    const entries = choices(generator);
    const values = entries.map(([text]) => keptValue(Number(text) || 0, literal(text), prefix));
    const draw = weighted(entries.map(([, weight]) => weight));
    return nullable(generator.null_probability, context, (row, random) => {
      row[slot] = values[draw(random)] as Value;
    });
  }
  if ("lognormal" in generator) {
    const { median, sigma, min, max } = generator.lognormal;
    const noise = lognormalNoise(sigma);
    const write = numberWriter(context, generator.decimals);
    return nullable(generator.null_probability, context, (row, random) =>
      write(row, clamp(median * noise(random), min, max)),
    );
  }
  if ("power" in generator) {
    const { of, factor, exponent, sigma, min, max } = generator.power;
    const from = context.slotOf(of);
    const noise = lognormalNoise(sigma);
    const write = numberWriter(context, generator.decimals);
    return nullable(generator.null_probability, context, (row, random) => {
      const value = factor * numberAt(row, from) ** exponent * noise(random);
      write(row, clamp(value, min, max));
    });
  }
  if ("linear" in generator) {
    const { base, terms, step, min, max } = generator.linear;
    const slots = Object.keys(terms).map((name) => context.slotOf(name));
    const factors = Object.values(terms);
    const write = numberWriter(context, generator.decimals);
    return nullable(generator.null_probability, context, (row) => {
      let value = base;
      for (let index = 0; index < slots.length; index++) {
        value += (factors[index] ?? 0) * numberAt(row, slots[index]);
      }
      write(row, clamp(step === undefined ? value : Math.round(value / step) * step, min, max));
    });
  }
  if ("sum" in generator) {
    const slots = generator.sum.map((name) => context.slotOf(name));
    const write = numberWriter(context, generator.decimals);
    return (row) => {
      let total = 0;
      for (const each of slots) total += numberAt(row, each);
      write(row, total);
    };
  }
  if ("after" in generator) {
    const [from, seconds] = [context.slotOf(generator.after.column), context.slotOf(generator.after.seconds)];
    const times = new TimeValues(prefix);
    return (row) => {
      row[slot] = times.value(numberAt(row, from) + Math.round(numberAt(row, seconds)));
    };
  }
  const otherwise = compileSampler(generator.else, context);
  if ("if" in generator) {
    const from = context.slotOf(generator.if);
    const then = compileSampler(generator.then, context);
    return (row, random) => (numberAt(row, from) > generator.above ? then : otherwise)(row, random);
  }
  const from = context.slotOf(generator.by);
  const cases = new Map<string, Sampler>();
  for (const [texts, each] of Object.entries(generator.cases)) {
    const sampler = compileSampler(each, context);
    // A token is quoted or not, depending on its column. A case names the plain text.
    for (const text of texts.split(",").map((part) => part.trim())) {
      cases.set(text, sampler).set(JSON.stringify(text), sampler);
    }
  }
  return (row, random) => (cases.get(row[from]?.token ?? "") ?? otherwise)(row, random);
}

const numberAt = (row: Row, slot: number | undefined) => row[slot ?? 0]?.number ?? 0;

function nullable(
  probability: number | undefined,
  { slot, prefix }: SamplerContext,
  sampler: Sampler,
): Sampler {
  if (probability === undefined) return sampler;
  const missing = keptValue(0, "null", prefix);
  return (row, random) => {
    if (random.float() < probability) row[slot] = missing;
    else sampler(row, random);
  };
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);

/** Values below this many units are kept for reuse. */
const keptUnits = 20_000;

/** Rounds a number, by default to 0 decimals, and puts it into its slot. */
function numberWriter({ slot, prefix }: SamplerContext, decimals = 0): (row: Row, value: number) => void {
  const scale = 10 ** decimals;
  // Filled to its full length at once: V8 uses a hash table for an array that is filled far beyond its end.
  const kept = new Array<Value | undefined>(keptUnits).fill(undefined);
  return (row, value) => {
    const units = Math.round(value * scale);
    const isKept = units >= 0 && units < keptUnits;
    let known = isKept ? kept[units] : undefined;
    if (known === undefined) {
      known = keptValue(units / scale, String(units / scale), prefix);
      if (isKept) kept[units] = known;
    }
    row[slot] = known;
  };
}

/** The named values and, with a `rest`, every other integer of its range. */
function choices(generator: Extract<Generator, { choice: unknown }>): [text: string, weight: number][] {
  const named = Object.entries(generator.choice);
  if (!generator.rest) return named;
  const { from, to, weight } = generator.rest;
  const others = Array.from({ length: to - from + 1 }, (_, index) => String(from + index)).filter(
    (text) => !Object.hasOwn(generator.choice, text),
  );
  return [...named, ...others.map((text): [string, number] => [text, weight / others.length])];
}
