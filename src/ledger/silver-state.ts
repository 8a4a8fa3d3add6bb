import { createHash } from "node:crypto";
import { failed, type PipectlError, usage } from "../core/errors.js";
import { plural } from "../core/format.js";
import { recordCodec, unlessDamaged } from "../core/record-codec.js";
import { sum } from "../core/sum.js";
import { formerIncarnationColumn, incarnationColumn, underFormerName } from "../dataset/incarnation.js";
import type { Dataset } from "../dataset/types.js";
import { type Table, totalRecords } from "../iceberg/catalog.js";
import { noEmptyCommits } from "../lake/definitions.js";
import { ancestorsOf, appendedSince, hasForgotten, isSetBack, jobOf } from "../lake/lineage.js";
import { silverColumns } from "../lake/silver-columns.js";
import type { StreamMark } from "../lake/stream-mark.js";
import type { Needs } from "../workspace/workspace.js";
import { silverVersions } from "./silver-shape.js";

/** What silver was made from. A property of the table, set in the commit that publishes its rows. */
export interface SilverState {
  readonly version: 1;
  /** The bronze snapshot up to which every row has been read; null when bronze was empty. A stream reads the rows after it. */
  readonly bronzeSnapshot: string | null;
  /** Silver's snapshot at that time. */
  readonly silverSnapshot: string | null;
  /** Its rows; undefined where a version wrote the state that did not keep them, or the snapshot has no total. */
  readonly rows?: number;
  /** The partition spec that all of its files are of; undefined where that is not known. */
  readonly spec?: number;
  /** Hash of the dataset's rules. When it changes, silver is rebuilt. */
  readonly rules: string;
  /** The rules themselves; undefined when silver was made by a version that did not keep them. */
  readonly made?: SilverRules;
  /** Undefined when no continuous silver was started since. Only its jobs have appended to silver. */
  readonly stream?: StreamMark;
  /** True from the batch run that prepares silver for its stream until the stream runs. It shows a kill in between. */
  readonly paused?: boolean;
}
export const silverProperty = "pipectl.silver";

const silverCodec = recordCodec<SilverState>("the state", silverVersions, {
  code: "silver_untrusted",
  hint: "pipectl process-silver rebuilds silver and its state, also beside a stream",
});

/**
 * The state that was recorded last, whether it still matches silver or not.
 *
 * @throws PipectlError (failed) `silver_untrusted` when it is damaged, `state_newer` when a newer pipectl wrote it
 */
export function recordedSilver(silver: Table | undefined): SilverState | undefined {
  const text = silver?.properties[silverProperty];
  if (silver === undefined || text === undefined) return undefined;
  return silverCodec.decode(text, `${silver.id.namespace}.${silver.id.table}`);
}

/** The error about a silver that has rows and no record: nobody can say what they were made from. Undefined for any other silver. */
export function unrecordedSilver(silver: Table | undefined): PipectlError | undefined {
  const rows = totalRecords(silver?.current);
  if (silver === undefined || rows === 0 || silver.properties[silverProperty] !== undefined) return undefined;
  const name = `${silver.id.namespace}.${silver.id.table}`;
  return failed(
    "silver_untrusted",
    `${name} has ${plural(rows, "row")} and no record (${silverProperty}) of what they were made from`,
    { hint: "pipectl process-silver makes it anew, also beside a stream" },
  );
}

/** The recorded state, but undefined for a damaged one: silver is then rebuilt. */
export function readableSilver(silver: Table | undefined): SilverState | undefined {
  return unlessDamaged(() => recordedSilver(silver));
}

/** The property of silver that holds the state. */
export const silverIn = (state: SilverState): Readonly<Record<string, string>> => ({
  [silverProperty]: silverCodec.encode(state),
});

/** The state of silver at one of its snapshots. */
export function stateAt(
  silver: Table,
  id: string | null,
  state: Omit<SilverState, "silverSnapshot">,
): SilverState {
  const { rows: _, ...rest } = state;
  const total = silver.snapshots.find((one) => one.id === id)?.summary["total-records"];
  const rows = id === null ? 0 : Number(total ?? Number.NaN);
  return { ...rest, silverSnapshot: id, ...(Number.isSafeInteger(rows) ? { rows } : {}) };
}

/**
 * How many rows silver must have by its state: those of its snapshot, and what its stream has appended since.
 *
 * @returns undefined where the state does not say, or its snapshot is not in the table's history
 */
export function rowsByState(silver: Table, state: SilverState): number | undefined {
  const ancestors = ancestorsOf(silver);
  const since = ancestors.findIndex(({ id }) => id === state.silverSnapshot);
  const oldest = ancestors.at(-1);
  const isWhole = since >= 0 || (state.silverSnapshot === null && (oldest?.parentId ?? null) === null);
  if (state.rows === undefined || !isWhole) return undefined;
  const jobs = state.stream?.jobs ?? [];
  const appended = ancestors
    .slice(0, since >= 0 ? since : ancestors.length)
    .filter((one) => jobs.includes(jobOf(one)));
  return state.rows + sum(appended.map(({ summary }) => Number(summary["added-records"] ?? 0)));
}

/** False when silver has more or fewer rows than its state says, as far as both are known. */
export function hasItsRows(silver: Table, state: SilverState): boolean {
  const expected = rowsByState(silver, state);
  const total = silver.current === undefined ? "0" : silver.current.summary["total-records"];
  return expected === undefined || total === undefined || expected === Number(total);
}

/** Undefined when silver's rows are not the recorded ones, or were made by other rules. */
export function trustedState(silver: Table, dataset: Dataset): SilverState | undefined {
  const state = readableSilver(silver);
  if (state === undefined) return undefined;
  const jobs = state.stream?.jobs ?? [];
  const appended = appendedSince(silver, state.silverSnapshot, (one) => jobs.includes(jobOf(one)));
  return state.rules === rulesOf(dataset) &&
    appended !== undefined &&
    !isSetBack(silver, jobs) &&
    hasItsRows(silver, state)
    ? state
    : undefined;
}

/**
 * Silver's state over bronze as it is now. Undefined when silver's stream may have read rows that bronze no longer has: only a
 * rebuild removes what it made of them.
 */
export const stateOver = (bronze: Table, state: SilverState | undefined): SilverState | undefined =>
  state?.stream !== undefined && hasForgotten(bronze, state.bronzeSnapshot) ? undefined : state;

/** The rules that determine silver's rows. */
export interface SilverRules {
  /** Without the descriptions: a new description must not cause a rebuild. */
  readonly columns: readonly (readonly [name: string, type: string, expr: string])[];
  readonly filters: readonly string[];
  readonly wins: string;
  readonly naturalKey: readonly string[];
}

/**
 * The rules of a dataset, in the form of silver's state. They use the incarnation's former name, so that rules on record of an
 * earlier version still compare equal and no row is rebuilt because of a name.
 */
export function rulesFor(dataset: Dataset): Pick<SilverState, "rules"> & { readonly made: SilverRules } {
  const { wins } = dataset.silver;
  const [filters, naturalKey] = [
    dataset.silver.filters.map(underFormerName),
    dataset.silver.naturalKey.map(formerColumn),
  ];
  const columns = silverColumns(dataset).map(
    ({ name, type, expr }) => [name, type, underFormerName(expr)] as const,
  );
  const rules = JSON.stringify([columns, filters, wins, naturalKey]);
  return {
    rules: createHash("md5").update(rules).digest("hex"),
    made: { columns, filters, wins, naturalKey },
  };
}

/** A key's column is a name and no SQL: it may be any text. */
const formerColumn = (name: string) => (name === incarnationColumn ? formerIncarnationColumn : name);

export const rulesOf = (dataset: Dataset): string => rulesFor(dataset).rules;

/** Records a state without writing rows. Fails when silver has changed since it was read. */
export async function recordSilver(
  { catalog }: Needs<"catalog">,
  silver: Table,
  state: SilverState,
): Promise<void> {
  await catalog.commit({
    id: silver.id,
    assertRefs: { main: silver.current?.id ?? null },
    // Also sets it for tables created by versions without streams.
    setProperties: { ...silverIn(state), ...noEmptyCommits },
  });
}

/** True when a stream can maintain silver: all rows of a key are equal, so the first one stays. */
export const canFollow = ({ silver }: Dataset): boolean => silver.wins === "identical";

/** @throws PipectlError (usage) `silver_rule` when a later record may correct an earlier one */
export function requireFollowing(dataset: Dataset): void {
  if (canFollow(dataset)) return;
  throw usage(
    "silver_rule",
    `in dataset ${dataset.name} the last record of a key wins, and continuous silver can only keep the first: a correction would need to delete a row`,
    { hint: "pipectl process-silver, beside the stream, whenever silver should be up to date" },
  );
}
