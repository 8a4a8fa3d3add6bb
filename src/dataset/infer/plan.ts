import { count, plural } from "../../core/format.js";
import { bronzeOwnColumns, silverOwnColumns } from "../references.js";
import { recordColumns } from "../types.js";
import type { DateRange } from "../unit.js";
import { type Choice, chooseEventTime, chooseKey } from "./choose.js";
import { choosePartition, type PartitionChoice } from "./choose-partition.js";
import { shown } from "./guess.js";
import { columnNames, fieldProblem, Names, silverNames } from "./names.js";
import type { Observation } from "./observation.js";

/** The source of the records, and the dataset's name. */
export interface Origin {
  readonly name: string;
  /** The inputs, as people call them: `orders.csv`. */
  readonly from: string;
  /** The current day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly topic: string;
  readonly partitions: number;
  /** True when there may be more records than were read. */
  readonly isSample: boolean;
}

export interface PlannedColumn extends Choice {
  readonly silver: string;
  readonly reason: string;
  readonly isOptional: boolean;
  readonly span?: DateRange | undefined;
}

/** A dataset, as far as its records show it. */
export interface Plan {
  readonly origin: Origin;
  readonly records: number;
  readonly columns: readonly PlannedColumn[];
  /** False when CSV files have no header. */
  readonly hasHeader: boolean;
  /** Fields without a column, with the reason. */
  readonly leftOut: readonly { readonly source: string; readonly reason: string }[];
  /** Undefined when no columns identify the records. */
  readonly messageKey: readonly string[] | undefined;
  readonly naturalKey: readonly string[];
  readonly keyReason: string;
  readonly eventTime: PlannedColumn | undefined;
  /** Silver's own columns. */
  readonly id: string;
  readonly partitionColumn: string;
  /** What one partition of silver holds, with the reason; undefined for a day. */
  readonly partition: PartitionChoice | undefined;
  /** Further information for the user, a sentence each. */
  readonly notes: readonly string[];
}

/** Plans a dataset from the findings. */
export function planDataset(seen: Observation, origin: Origin): Plan {
  const sources = seen.columns.map(({ source }) => source);
  const problems = seen.columns.map(
    ({ source, guess }) => fieldProblem(source) ?? ("leftOut" in guess ? guess.leftOut : undefined),
  );
  const kept = seen.columns.flatMap((_, place) => (problems[place] === undefined ? [place] : []));
  const names = columnNames(kept.map((place) => sources[place] as string));
  const silverTaken = new Names([...bronzeOwnColumns, ...silverOwnColumns]);
  const silver = silverNames(
    kept.map((place) => sources[place] as string),
    silverTaken,
  );
  const columns = kept.map((place, index): PlannedColumn => {
    const { source, guess, nulls, isOptional, span } = seen.columns[place] as (typeof seen.columns)[number];
    const { type, reason } = guess as { type: string; reason: string };
    const emptiness = nulls === 0 ? "never NULL" : `NULL in ${count(nulls)} of ${count(seen.records)}`;
    return {
      name: names[index] as string,
      source,
      type,
      reason: nulls === seen.records ? reason : `${reason}; ${emptiness}`,
      silver: silver[index] as string,
      nulls,
      isOptional,
      ...(span === undefined ? {} : { span }),
    };
  });
  const byPlace = seen.columns.map((_, place) => columns[kept.indexOf(place)]);
  const read = `${origin.isSample ? "the first" : "all"} ${plural(seen.records, "record")}`;
  const key = chooseKey(byPlace, seen.keys, read, origin.isSample);
  const eventTime = chooseEventTime(columns) as PlannedColumn | undefined;
  const keyNames = key.columns?.map(({ name }) => name);
  const withTime =
    keyNames && eventTime && !keyNames.includes(eventTime.name) ? [...keyNames, eventTime.name] : keyNames;
  const withoutTime = keyNames?.filter((name) => name !== eventTime?.name);
  const leftOut = seen.columns.flatMap(({ source }, place) => {
    const reason = problems[place];
    return reason === undefined ? [] : [{ source, reason }];
  });
  return {
    origin,
    records: seen.records,
    columns,
    hasHeader: seen.hasHeader ?? true,
    leftOut,
    messageKey: withoutTime && withoutTime.length > 0 ? withoutTime : keyNames,
    naturalKey: withTime ?? recordColumns,
    keyReason: key.reason,
    eventTime,
    id: silverTaken.take("row_id"),
    partitionColumn: silverTaken.take("event_date"),
    partition: choosePartition(eventTime?.span, seen.records),
    notes: notesOf(seen, origin, leftOut, withTime),
  };
}

function notesOf(
  seen: Observation,
  origin: Origin,
  leftOut: Plan["leftOut"],
  naturalKey: readonly string[] | undefined,
): string[] {
  const notes: string[] = [];
  if (origin.isSample) {
    notes.push(
      seen.records === 1
        ? "only 1 record was read: what comes behind it may not fit"
        : `only ${count(seen.records)} records were read: what comes behind them may not fit`,
    );
    if (naturalKey !== undefined) {
      notes.push(
        `that ${naturalKey.join(", ")} tell${naturalKey.length === 1 ? "s" : ""} records apart was seen in these only: of others with one key silver keeps one, and \`validate --deep\` warns of it`,
      );
    }
  }
  if (seen.unreadable > 0) {
    notes.push(
      `${plural(seen.unreadable, "record")} cannot be read and will be dead letters; nothing was learned of them`,
    );
  }
  notes.push(...(seen.remarks ?? []));
  for (const { source, reason } of leftOut) {
    notes.push(`${fieldName(source)} gets no column (${reason}): extra_fields keeps its values`);
  }
  for (const { columns, records } of seen.ranOut) {
    const names = columns.map((place) => seen.columns[place]?.source).join(" and ");
    notes.push(
      `${names} told the first ${count(records)} records apart; that many were compared, so it is not taken for a key`,
    );
  }
  return notes;
}

/** A field's name for display. */
export const fieldName = (source: string): string => shown(Buffer.from(source, "utf8").toString("latin1"));
