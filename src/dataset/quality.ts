import { z } from "zod";
import { durationPattern } from "./duration.js";
import { expressionProblem } from "./sql-expression.js";

const silverName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,126}$/, "must be a column of silver: a-z, 0-9 and '_'");
const expression = z.string().superRefine((sql, context) => {
  const problem = expressionProblem(sql);
  if (problem) context.addIssue({ code: "custom", message: `${problem}: ${sql}` });
});
const bound = z.union([z.number(), z.string()], { error: "must be a number, or a date or time as text" });

const common = {
  /** The name in reports; by default made from the rule and its columns. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,126}$/, "must be snake_case: a-z, 0-9 and '_'")
    .optional(),
  on_fail: z.enum(["fail", "warn", "quarantine"], "must be fail, warn or quarantine").default("fail"),
  /** Only rows for which it is true are judged. */
  where: expression.optional(),
};

/** Rules that need more than one row: no single row can be kept out of silver for them. */
const withoutQuarantine = {
  ...common,
  on_fail: z
    .enum(["fail", "warn"], {
      error: ({ input }) =>
        input === "quarantine"
          ? "'quarantine' is for not_null, range, accepted_values and pattern: write what a row must fulfil as a filter (filters: of silver)"
          : "must be fail or warn",
    })
    .default("fail"),
};

/**
 * The shape of `quality:` in a manifest: rules for silver's rows. NULL passes `range`, `accepted_values` and `pattern`; whether a value is
 * required is what `not_null` is for.
 */
const ruleSchema = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("not_null"), column: silverName, ...common }),
  z.strictObject({ rule: z.literal("unique"), columns: z.array(silverName).min(1), ...withoutQuarantine }),
  z.strictObject({
    rule: z.literal("range"),
    column: silverName,
    min: bound.optional(),
    max: bound.optional(),
    ...common,
  }),
  z.strictObject({
    rule: z.literal("accepted_values"),
    column: silverName,
    values: z
      .array(z.union([z.number(), z.string(), z.boolean()]))
      .min(1)
      .max(1_000),
    ...common,
  }),
  z.strictObject({
    rule: z.literal("pattern"),
    column: silverName,
    /** A java.util.regex pattern, found anywhere in the text. */
    regex: z.string().min(1).max(1_000),
    ...common,
  }),
  z.strictObject({
    rule: z.literal("expression"),
    ...withoutQuarantine,
    name: common.name.unwrap(),
    sql: expression,
    /** True: a row for which it is NULL passes. */
    allow_null: z.boolean().default(false),
  }),
  z.strictObject({
    rule: z.literal("freshness"),
    column: silverName,
    within: z
      .string()
      .regex(durationPattern(5), "must be a number of up to five digits and s, m, h or d, such as 1d"),
    ...withoutQuarantine,
  }),
]);

export const qualitySchema = z.array(ruleSchema).max(200);

export type QualityRule = z.infer<typeof ruleSchema>;

/** The rule's name in reports: its own, or one made from the rule and its columns. */
export function ruleName(rule: QualityRule): string {
  if (rule.name !== undefined) return rule.name;
  const columns = rule.rule === "unique" ? rule.columns : "column" in rule ? [rule.column] : [];
  return [rule.rule, ...columns].join("_");
}
