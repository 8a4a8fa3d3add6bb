import { usage } from "../../core/errors.js";
import { literal } from "../../core/sql-literal.js";
import type { Dataset } from "../../dataset/types.js";

/** What an `error` begins with, up to its first colon (docs/datasets.md, "What becomes a dead letter"). */
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

/** Some of the dead letters; null is no condition. */
export interface LetterFilter {
  readonly reason: string | null;
  /** With the reason `field`: the column whose value did not fit. */
  readonly field: string | null;
  /** Of the topic, in every epoch. */
  readonly partition: number | null;
}

/**
 * Reads `--reason` and `--partition`.
 *
 * @param reason one of `reasons`, or `field:NAME` with a column of the dataset
 * @throws PipectlError (usage) `option_invalid`
 */
export function letterFilter(
  { columns }: Dataset,
  reason: string | undefined,
  partition: number | undefined,
): LetterFilter {
  const where = { partition: partition ?? null };
  if (reason === undefined) return { reason: null, field: null, ...where };
  const [word, field = null] = reason.split(/:(.*)/s);
  const isField = field === null || (word === "field" && columns.some(({ name }) => name === field));
  if (reasons.some((one) => one === word) && isField) return { reason: word as string, field, ...where };
  throw usage(
    "option_invalid",
    `--reason is '${reason}', but must be one of ${reasons.join(", ")}, or field:NAME with a column of the dataset`,
    { hint: "pipectl dlq lists the reasons that there are" },
  );
}

/** True when a group of dead letters is among those of the filter. */
export const isAmong = (
  filter: LetterFilter,
  group: { readonly reason: string; readonly field: string | null; readonly partition: number },
): boolean =>
  (filter.reason === null || filter.reason === group.reason) &&
  (filter.field === null || filter.field === group.field) &&
  (filter.partition === null || filter.partition === group.partition);

const error = "COALESCE(`error`, '')";
const firstWord = `SPLIT_INDEX(${error}, ':', 0)`;
/** Of a column that is an object or an array, the path goes on behind its name. */
const firstName = `REGEXP_EXTRACT(${error}, '^field: ([A-Za-z_][A-Za-z0-9_]*)[:.\\[]', 1)`;

/** The reason of a row. One that this version does not know is `other`: the number of groups stays small. */
export const reasonSql = `CASE WHEN ${firstWord} IN (${reasons.map(literal).join(", ")}) THEN ${firstWord} ELSE 'other' END`;

/** The column of a row whose reason is `field`. NULL for a field that is none: its name is up to who sends the record. */
export const fieldSql = ({ columns }: Pick<Dataset, "columns">): string =>
  `CASE WHEN ${firstName} IN (${columns.map(({ name }) => literal(name)).join(", ")}) THEN ${firstName} END`;

/** The filter as a condition on a row. */
export function filterSql({ reason, field, partition }: LetterFilter): string {
  const conditions = [
    ...(reason === null ? [] : [`${firstWord} = ${literal(reason)}`]),
    ...(field === null ? [] : [`${firstName} = ${literal(field)}`]),
    ...(partition === null ? [] : [`kafka_partition = ${Number(partition)}`]),
  ];
  return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
}
