import { z } from "zod";
import { knownTypes, parseColumnType } from "./column-type.js";
import { durationPattern } from "./duration.js";
import { qualitySchema } from "./quality.js";
import { expressionProblem } from "./sql-expression.js";
import { syntheticSchema } from "./synthetic/spec.js";
import { units } from "./unit.js";

/** The name of a field, as a producer wrote it. */
const fieldName = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u, "must have 1 to 255 characters, none of them a control character");
/** The name of a column of bronze. To readers of the table a dot would look like a path into a nested column. */
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
  name: columnName.describe("Name of the column in bronze"),
  source: fieldName.optional().describe("The field as sent to Kafka; `name` when it is left out"),
  type: columnType.describe(`Flink SQL type: ${knownTypes}`),
  nullable: z.boolean().default(true).describe("false: a record without a value here is a dead letter"),
  aliases: z
    .array(z.string().min(1).max(255))
    .default([])
    .describe("Names of the same column in input files: the same meaning and unit, only spelled otherwise"),
  silver: z
    .union([snakeCase, z.literal(false)], { error: "must be a snake_case name, or false" })
    .optional()
    .describe("Name in silver, snake_case; false leaves the column out; `name` when it is left out"),
  required: z
    .boolean()
    .default(true)
    .describe("false: files of some years do not have it, and then it is NULL"),
  description: z.string().default("").describe("What it means, with its unit; readers of the tables see it"),
});

const derivedSchema = z.strictObject({
  name: snakeCase,
  type: columnType,
  expr: expression.describe("One SQL expression over the columns of bronze"),
  description: z.string().default(""),
});

export const silverSchema = z
  .strictObject({
    natural_key: z
      .array(columnName)
      .min(1)
      .describe(
        "Columns that make two records the same event; kafka_incarnation, kafka_partition and kafka_offset together: no two are",
      ),
    wins: z
      .enum(["identical", "last"])
      .describe(
        "Which record of a key stays. identical: they are copies, any of them; last: the one sent last",
      ),
    id: snakeCase.describe("Name of the column with the MD5 of the natural key"),
    filters: z
      .array(expression)
      .default([])
      .describe("SQL conditions over the columns of bronze, all of which a row of silver fulfils"),
    partition_by: z.strictObject({
      column: snakeCase,
      type: z.literal("DATE", {
        error: "must be DATE: silver is partitioned by day, month or year (transform)",
      }),
      expr: expression.describe(
        "A function of the natural key, never NULL: else copies of a row do not meet",
      ),
      transform: z
        .enum(units, { error: `must be ${units.join(", ")}` })
        .default("day")
        .describe("What one partition holds: a day, a month or a year; coarser for few rows on many days"),
      description: z.string().default(""),
    }),
    derived: z.array(derivedSchema).default([]).describe("Columns that are computed"),
  })
  .describe("What silver's rows are");

/** The shape of `datasets/<name>.yml`. Unknown keys are errors: a misspelled key would be ignored silently. */
export const manifestSchema = z.strictObject({
  name: snakeCase.describe("That of the file, without .yml"),
  description: z.string().default("").describe("What the dataset is"),
  format: z
    .literal("json", { error: "must be json: no other format is read in this version" })
    .default("json")
    .describe("How a record's value is written"),
  topic: z
    .string()
    // Kafka's own rule for the names of topics.
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, "must be a Kafka topic name: A-Z a-z 0-9 . _ -")
    .describe("Kafka topic"),
  partitions: z.int().min(1).max(1000).describe("Partitions of the topic"),
  retention: z
    .string()
    .regex(durationPattern(9), "must be a number and s, m, h or d, such as 3d")
    .describe("How long Kafka keeps a record: a number and s, m, h or d"),
  tables: z
    .strictObject({ bronze: tableName, dlq: tableName, silver: tableName })
    .describe("Iceberg tables as namespace.table"),
  columns: z.array(columnSchema).min(1).describe("Fields of a record"),
  header: z
    .boolean()
    .default(true)
    .describe("false: CSV files have no header; their cells are the columns, in this order"),
  message_key: z
    .array(columnName)
    .default([])
    .describe("Columns whose values, joined by |, are the Kafka key; records have none when it is left out"),
  event_time: columnName
    .optional()
    .describe("The TIMESTAMP or DATE column that says when the event happened"),
  silver: silverSchema,
  quality: qualitySchema
    .default([])
    .describe(
      "Rules over silver's columns, judged before a batch silver is published and by `validate --deep`",
    ),
  synthetic: syntheticSchema.optional().describe("How `generate` makes records (docs/datasets.md)"),
});

export type Manifest = z.infer<typeof manifestSchema>;
