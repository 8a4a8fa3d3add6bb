import { usage } from "../../core/errors.js";
import { literal } from "../../core/sql-quotes.js";
import type { Dataset } from "../../dataset/types.js";

/** The first word of an `error`, up to the colon (docs/datasets.md, "What becomes a dead letter"). */
export const reasons = [
  "tombstone",
  "empty",
  "not_json",
  "not_object",
  "trailing",
  "field",
  "no_known_field",
  "too_large",
] as const;

/** A selection of dead letters; null means any. */
export interface DeadLetterFilter {
  readonly reason: string | null;
  /** With the reason `field`: the name, as the producer wrote it, of the field whose value did not fit. */
  readonly field: string | null;
  /** Of the topic, in every incarnation. */
  readonly partition: number | null;
}

/**
 * Reads `--reason` and `--partition`.
 *
 * @param reason one of `reasons`, or `field:NAME` with a field that the dataset has a column for
 * @throws PipectlError (usage) `option_invalid`
 */
export function deadLetterFilter(
  { columns }: Dataset,
  reason: string | undefined,
  partition: number | undefined,
): DeadLetterFilter {
  const where = { partition: partition ?? null };
  if (reason === undefined) return { reason: null, field: null, ...where };
  const [word, field = null] = reason.split(/:(.*)/s);
  const isField = field === null || (word === "field" && columns.some(({ source }) => source === field));
  if (reasons.some((one) => one === word) && isField) return { reason: word as string, field, ...where };
  throw usage(
    "option_invalid",
    `--reason is '${reason}', but must be one of ${reasons.join(", ")}, or field:NAME with a field that the dataset has a column for`,
    { hint: "pipectl dlq lists the reasons that there are" },
  );
}

/** Dead letters of one partition with the same reason, and of the same acceptance or of none. */
export interface DeadLetterGroup {
  readonly incarnation: number;
  readonly partition: number;
  readonly reason: string;
  /** With the reason `field`: the column; null for a field without a column. */
  readonly field: string | null;
  /** The index of their acceptance in the list; null for none. */
  readonly acceptance: number | null;
  readonly count: number;
  /** Kafka's timestamps, ISO 8601. */
  readonly first: string;
  readonly last: string;
  readonly newest: { readonly offset: number; readonly error: string };
}

/** True when a group of dead letters matches the filter. */
export const isAmong = (
  filter: DeadLetterFilter,
  group: { readonly reason: string; readonly field: string | null; readonly partition: number },
): boolean =>
  (filter.reason === null || filter.reason === group.reason) &&
  (filter.field === null || filter.field === group.field) &&
  (filter.partition === null || filter.partition === group.partition);

const error = "COALESCE(`error`, '')";
const firstWord = `SPLIT_INDEX(${error}, ':', 0)`;
/**
 * True for an error about this field, whatever characters its name has. For a value within an object or an array, the path
 * follows the name.
 */
function isAbout(field: string): string {
  const begin = `field: ${field}`;
  // Flink counts characters, while JavaScript counts some as two.
  const { length } = [...begin];
  return (
    `(SUBSTRING(${error}, 1, ${length}) = ${literal(begin)} ` +
    `AND SUBSTRING(${error}, ${length + 1}, 1) IN (':', '.', '['))`
  );
}

/** The reason of a row. Reasons that this version does not know become `other`, so that the number of groups stays small. */
export const reasonSql = `CASE WHEN ${firstWord} IN (${reasons.map(literal).join(", ")}) THEN ${firstWord} ELSE 'other' END`;

/** The field of a row whose reason is `field`. NULL for a field without a column, because producers may choose any name. */
export function fieldSql({ columns }: Pick<Dataset, "columns">): string {
  // The longest first: `a.b` may be a field's name, and not a part of `a`.
  const fields = columns.map(({ source }) => source).sort((a, b) => b.length - a.length);
  return `CASE ${fields.map((field) => `WHEN ${isAbout(field)} THEN ${literal(field)}`).join(" ")} END`;
}

/** The filter as a condition on a row. */
export function filterSql({ reason, field, partition }: DeadLetterFilter): string {
  const conditions = [
    ...(reason === null ? [] : [`${firstWord} = ${literal(reason)}`]),
    ...(field === null ? [] : [isAbout(field)]),
    ...(partition === null ? [] : [`kafka_partition = ${Number(partition)}`]),
  ];
  return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
}
