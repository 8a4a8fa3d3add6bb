import { z } from "zod";
import { knownTypes, parseColumnType } from "./column-type.js";
import { expressionProblem } from "./sql-expression.js";
import { syntheticSchema } from "./synthetic/spec.js";

const identifier = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,126}$/,
    "must be a plain name: letters, digits and '_', not starting with a digit",
  );
const snakeCase = z.string().regex(/^[a-z][a-z0-9_]{0,126}$/, "must be snake_case: a-z, 0-9 and '_'");
const columnType = z
  .string()
  .refine((text) => parseColumnType(text) !== undefined, `must be one of ${knownTypes}`);
const expression = z.string().superRefine((sql, context) => {
  const problem = expressionProblem(sql);
  if (problem) context.addIssue({ code: "custom", message: `${problem}: ${sql}` });
});
const tableName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, "must be namespace.table in snake_case");

export const columnSchema = z.strictObject({
  /** The name as sent to Kafka and stored in bronze. */
  name: identifier,
  type: columnType,
  /** Names of the same column in input files: the same meaning and unit, only spelled otherwise. */
  aliases: z.array(z.string().min(1).max(255)).default([]),
  /** The name in silver; false leaves the column out. */
  silver: z.union([snakeCase, z.literal(false)], { error: "must be a snake_case name, or false" }),
  /** false: files of some years do not have it, and then it is NULL. */
  required: z.boolean().default(true),
  description: z.string().min(1),
});

const derivedSchema = z.strictObject({
  name: snakeCase,
  type: columnType,
  expr: expression,
  description: z.string().default(""),
});

export const silverSchema = z.strictObject({
  natural_key: z.array(identifier).min(1),
  wins: z.enum(["identical", "last"]),
  id: snakeCase,
  filters: z.array(expression).default([]),
  partition_by: z.strictObject({
    column: snakeCase,
    type: z.literal("DATE", { error: "must be DATE: silver is partitioned by day" }),
    expr: expression,
    description: z.string().default(""),
  }),
  derived: z.array(derivedSchema).default([]),
});

/** The shape of `datasets/<name>.yml`. Unknown keys are errors: a misspelled one would be ignored in silence. */
export const manifestSchema = z.strictObject({
  name: snakeCase,
  description: z.string().default(""),
  /** Kafka's own rule for topic names. */
  topic: z
    .string()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, "must be a Kafka topic name: A-Z a-z 0-9 . _ -"),
  partitions: z.int().min(1).max(1000),
  /** How long Kafka keeps a record: a number and s, m, h or d. */
  retention: z.string().regex(/^[1-9]\d{0,8}[smhd]$/, "must be a number and s, m, h or d, such as 3d"),
  tables: z.strictObject({ bronze: tableName, dlq: tableName, silver: tableName }),
  columns: z.array(columnSchema).min(1),
  message_key: z.array(identifier).min(1),
  event_time: identifier,
  silver: silverSchema,
  synthetic: syntheticSchema.optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
