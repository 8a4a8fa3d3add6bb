import { z } from "zod";
import { knownTypes, parseColumnType } from "./column-type.js";
import { expressionProblem } from "./sql-expression.js";
import { syntheticSchema } from "./synthetic/spec.js";

/** Of a field, as a producer named it. */
const fieldName = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u, "must have 1 to 255 characters, none of them a control character");
/** Of a column of bronze. A dot would look like a path into a nested column to those who read the table. */
const columnName = fieldName.regex(/^[^.]*$/, "must not have a '.': give the field's name as source:");
export const snakeCase = z.string().regex(/^[a-z][a-z0-9_]{0,126}$/, "must be snake_case: a-z, 0-9 and '_'");
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
  /** The name in bronze. */
  name: columnName.describe("Name of the column in bronze"),
  source: fieldName.optional().describe("The field as sent to Kafka; `name` when it is left out"),
  type: columnType.describe(`Flink SQL type: ${knownTypes}`),
  nullable: z.boolean().default(true).describe("false: a record without a value here is a dead letter"),
  /** Names of the same column in input files: the same meaning and unit, only spelled otherwise. */
  aliases: z.array(z.string().min(1).max(255)).default([]),
  silver: z
    .union([snakeCase, z.literal(false)], { error: "must be a snake_case name, or false" })
    .optional()
    .describe("Name in silver, snake_case; false leaves the column out; `name` when it is left out"),
  /** false: files of some years do not have it, and then it is NULL. */
  required: z.boolean().default(true),
  description: z.string().default(""),
});

const derivedSchema = z.strictObject({
  name: snakeCase,
  type: columnType,
  expr: expression,
  description: z.string().default(""),
});

export const silverSchema = z.strictObject({
  natural_key: z.array(columnName).min(1),
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
  /** How a record's value is written. Others, with a schema registry, may come. */
  format: z
    .literal("json", { error: "must be json: no other format is read in this version" })
    .default("json"),
  /** Kafka's own rule for topic names. */
  topic: z
    .string()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, "must be a Kafka topic name: A-Z a-z 0-9 . _ -"),
  partitions: z.int().min(1).max(1000),
  /** How long Kafka keeps a record: a number and s, m, h or d. */
  retention: z.string().regex(/^[1-9]\d{0,8}[smhd]$/, "must be a number and s, m, h or d, such as 3d"),
  tables: z.strictObject({ bronze: tableName, dlq: tableName, silver: tableName }),
  columns: z.array(columnSchema).min(1),
  message_key: z.array(columnName).default([]),
  event_time: columnName.optional(),
  silver: silverSchema,
  synthetic: syntheticSchema.optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
