import { z } from "zod";

const name = z.string().min(1);
const weight = z.number().nonnegative();
const bounds = { min: z.number(), max: z.number() };
/** Digits after the point. The value is rounded to them once, so that sums of columns are exact in cents. */
const decimals = z.int().min(0).max(6).optional();
const nullable = { null_probability: z.number().min(0).max(1).optional() };

const choice = z.strictObject({
  /** Value -> weight. Weights need not add up to a certain sum. */
  choice: z.record(z.string(), weight),
  /** Every integer from..to that `choice` does not name gets an equal share of this weight. */
  rest: z.strictObject({ from: z.int(), to: z.int(), weight }).optional(),
  ...nullable,
});
const constant = z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) });
/** median * e^(sigma * N(0,1)), limited to min..max. */
const lognormal = z.strictObject({
  lognormal: z.strictObject({ median: z.number().positive(), sigma: z.number().nonnegative(), ...bounds }),
  decimals,
  ...nullable,
});
/** factor * of^exponent * e^(sigma * N(0,1)), limited to min..max. */
const power = z.strictObject({
  power: z.strictObject({
    of: name,
    factor: z.number(),
    exponent: z.number(),
    sigma: z.number().nonnegative().default(0),
    ...bounds,
  }),
  decimals,
  ...nullable,
});
/** base + the sum of coefficient * value, rounded to a multiple of `step`, limited to min..max. */
const linear = z.strictObject({
  linear: z.strictObject({
    base: z.number(),
    terms: z.record(z.string(), z.number()),
    step: z.number().positive().optional(),
    ...bounds,
  }),
  decimals,
  ...nullable,
});
/** The exact sum of other values. */
const sum = z.strictObject({ sum: z.array(name).min(1), decimals });
/** A timestamp: the column's time plus this many whole seconds. */
const after = z.strictObject({ after: z.strictObject({ column: name, seconds: name }) });

type Choice = z.infer<typeof choice>;
type Leaf =
  | Choice
  | z.infer<typeof constant>
  | z.infer<typeof lognormal>
  | z.infer<typeof power>
  | z.infer<typeof linear>
  | z.infer<typeof sum>
  | z.infer<typeof after>;
/** The generator depends on another value: that is one of a case's texts (`a, b`), or above a threshold. */
export interface ByCase {
  readonly by: string;
  readonly cases: Readonly<Record<string, Generator>>;
  readonly else: Generator;
}
export interface Above {
  readonly if: string;
  readonly above: number;
  readonly then: Generator;
  readonly else: Generator;
}
export type Generator = Leaf | ByCase | Above;

const shapes = {
  choice,
  constant,
  lognormal,
  power,
  linear,
  sum,
  after,
  get by(): z.ZodType<ByCase> {
    return z.strictObject({ by: name, cases: z.record(z.string(), generator), else: generator });
  },
  get if(): z.ZodType<Above> {
    return z.strictObject({
      if: name,
      above: z.number(),
      // biome-ignore lint/suspicious/noThenProperty: it is the manifest's word, and a spec is never awaited
      then: generator,
      else: generator,
    });
  },
};
type ShapeName = keyof typeof shapes;
const shapeNames = [
  "choice",
  "constant",
  "lognormal",
  "power",
  "linear",
  "sum",
  "after",
  "by",
  "if",
] as const;

/**
 * One generator. The key that names it selects the shape, and only that shape is checked: a plain union would answer a
 * misspelled field with the errors of all nine.
 */
const generator: z.ZodType<Generator> = z.unknown().transform((value, context): Generator => {
  const isObject = typeof value === "object" && value !== null;
  const shape = isObject
    ? shapeNames.find((candidate: ShapeName) => Object.hasOwn(value, candidate))
    : undefined;
  if (shape === undefined) {
    context.addIssue({ code: "custom", message: `must have one of the keys ${shapeNames.join(", ")}` });
    return z.NEVER;
  }
  const result = (shapes[shape] as z.ZodType<Generator>).safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.addIssue({ ...issue, code: "custom", input: value });
  return z.NEVER;
});

/** The `synthetic:` part of a manifest. */
export const syntheticSchema = z.strictObject({
  /** Event times. Within each span of `days` the order is shuffled, and no two records share a second. */
  event_time: z.strictObject({
    /** The first day, YYYY-MM-DD. Fixed, so that the same seed always makes the same bytes. */
    start: z.iso.date(),
    /** Length of a span in days. Whole weeks, so that every weekday is equally frequent in each span. */
    days: z.int().min(7).max(364).multipleOf(7),
    /** Records in the busiest hour. At most one per second keeps event times, and so natural keys, distinct. */
    peak_per_hour: z.int().min(1).max(3600),
    /** Weight of each hour of the day, from midnight. */
    hours: z.array(weight).length(24),
    /** Weight of each weekday, Monday first. */
    weekdays: z.array(weight).length(7),
  }),
  /** Values that other generators use and that are not part of the record. */
  variables: z.record(z.string(), generator).default({}),
  /** Column -> generator. A column without one is left out of the record. The event-time column needs none. */
  columns: z.record(z.string(), generator),
  /** Columns that are NULL together. */
  nulls_together: z
    .array(z.strictObject({ columns: z.array(name).min(1), probability: z.number().min(0).max(1) }))
    .default([]),
});

export type SyntheticSpec = z.infer<typeof syntheticSchema>;
