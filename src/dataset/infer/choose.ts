import { count } from "../../core/format.js";
import { prefixRecords } from "./key-search.js";
import { keyRank } from "./observation.js";
import type { Candidate } from "./pairs.js";

/** A column of the planned dataset, with what the choice of keys and times depends on. */
export interface Choice {
  readonly name: string;
  readonly source: string;
  readonly type: string;
  readonly nulls: number;
}

const isTime = ({ type }: Choice) => /^(TIMESTAMP|DATE)/.test(type);
/** Types whose values have a unique text, and are compared exactly. */
const isComparable = ({ type }: Choice) => !/^(FLOAT|DOUBLE|ROW|ARRAY|MAP)/.test(type);

/** The columns that identify records; `columns` is undefined when there are none. */
export interface KeyChoice {
  readonly columns: readonly Choice[] | undefined;
  readonly reason: string;
}

/**
 * The natural key: a column with a different value in every record, preferably by its name, then one that is not a time;
 * otherwise a pair of columns.
 *
 * @param candidates by index in `columns`, where an omitted column is undefined
 * @param read what was read, as the subject of a sentence
 * @param isSample when there may be more records: then times alone are no key, however different they are in a few thousand
 */
export function chooseKey(
  columns: readonly (Choice | undefined)[],
  candidates: readonly Candidate[],
  read: string,
  isSample: boolean,
): KeyChoice {
  const usable = candidates.flatMap(({ columns: places, expected }) => {
    const parts = places.map((place) => columns[place]);
    return parts.every((part): part is Choice => part !== undefined && isComparable(part))
      ? [{ parts, expected }]
      : [];
  });
  const rank = ({ parts }: (typeof usable)[number]) =>
    parts.length * 100 + Math.min(...parts.map((part) => keyRank(part.source) * 10 + (isTime(part) ? 5 : 0)));
  const isOnlyTimes = ({ parts }: (typeof usable)[number]) => parts.every(isTime);
  const [best] = usable.filter((one) => !isSample || !isOnlyTimes(one)).sort((a, b) => rank(a) - rank(b));
  if (!best) {
    const [times] = usable;
    return {
      columns: undefined,
      reason: times
        ? `${times.parts.map(({ name }) => name).join(" and ")} never was the same twice in ${read}, but a time alone is no key where only a part was read: each record counts as an event of its own`
        : "no column, and no pair of columns, was found that tells the records apart: each counts as an event of its own",
    };
  }
  const { parts, expected } = best;
  return {
    columns: parts,
    reason:
      expected === undefined
        ? `never NULL and never the same twice in ${read}`
        : `together never the same twice in ${read}, where chance alone would make ${count(Math.round(expected))} duplicates among the first ${count(prefixRecords)}`,
  };
}

/**
 * The event time: a time that every record has. Names come first (when something happened, rather than when it was changed or
 * is due), then a timestamp before a date, then the position.
 */
export function chooseEventTime(columns: readonly Choice[]): Choice | undefined {
  const rank = (column: Choice) => nameRank(column.source) * 10 + (column.type === "DATE" ? 5 : 0);
  return columns
    .filter((column) => isTime(column) && column.nulls === 0)
    .map((column, index) => ({ column, index }))
    .sort((a, b) => rank(a.column) - rank(b.column) || a.index - b.index)[0]?.column;
}

function nameRank(name: string): number {
  const lower = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  if (/birth|due|expir|updat|modif|delet|valid|until/.test(lower)) return 2;
  return /event|created|time|date|(^|_)(at|ts|on|day)$/.test(lower) ? 0 : 1;
}
