import { createHash } from "node:crypto";
import { usage } from "../core/errors.js";
import { recordCodec, unlessDamaged } from "../core/record-codec.js";
import { formerIncarnationColumn, incarnationColumn, underFormerName } from "../dataset/incarnation.js";
import type { Dataset } from "../dataset/types.js";
import type { Table } from "../iceberg/catalog.js";
import { noEmptyCommits } from "../lake/definitions.js";
import { appendedSince, isSetBack, jobOf } from "../lake/lineage.js";
import { silverColumns } from "../lake/silver-columns.js";
import type { StreamMark } from "../lake/stream-mark.js";
import type { Needs } from "../workspace/workspace.js";
import { silverVersions } from "./silver-shape.js";

/** What silver was made from: a property of the table, set in the commit that publishes its rows. */
export interface SilverState {
  readonly version: 1;
  /** The bronze snapshot up to which every row has been taken; null when bronze was empty. A stream takes what came since. */
  readonly bronzeSnapshot: string | null;
  /** Silver's snapshot when that was so. */
  readonly silverSnapshot: string | null;
  /** Changes when the dataset's rules do: silver is then made anew. */
  readonly rules: string;
  /** Those rules themselves; undefined where silver was made before they were kept. */
  readonly made?: SilverRules;
  /** Undefined when no continuous silver has begun since. Only its jobs have appended to silver. */
  readonly stream?: StreamMark;
  /** True from when a batch run makes it ready for its stream until that runs: a kill in between is seen by it. */
  readonly paused?: boolean;
}
export const silverProperty = "pipectl.silver";

const silverCodec = recordCodec<SilverState>("the state", silverVersions, {
  code: "silver_untrusted",
  hint: "pipectl process-silver makes silver and its state anew, also beside a stream",
});

/**
 * What was recorded last, whether silver is still as it says or not.
 *
 * @throws PipectlError (failed) `silver_untrusted` when it is damaged, `state_newer` when a newer pipectl wrote it
 */
export function recordedSilver(silver: Table | undefined): SilverState | undefined {
  const text = silver?.properties[silverProperty];
  if (silver === undefined || text === undefined) return undefined;
  return silverCodec.decode(text, `${silver.id.namespace}.${silver.id.table}`);
}

/** The same for whom a damaged state is as good as none: silver is made anew then. */
export function readableSilver(silver: Table | undefined): SilverState | undefined {
  return unlessDamaged(() => recordedSilver(silver));
}

/** The property of silver that holds a state. */
export const silverIn = (state: SilverState): Readonly<Record<string, string>> => ({
  [silverProperty]: silverCodec.encode(state),
});

/** Undefined when silver's rows are not what was recorded, or were made by other rules. */
export function trustedState(silver: Table, dataset: Dataset): SilverState | undefined {
  const state = readableSilver(silver);
  if (state === undefined) return undefined;
  const jobs = state.stream?.jobs ?? [];
  const appended = appendedSince(silver, state.silverSnapshot, (one) => jobs.includes(jobOf(one)));
  return state.rules === rulesOf(dataset) && appended !== undefined && !isSetBack(silver, jobs)
    ? state
    : undefined;
}

/** What silver's rows follow from. */
export interface SilverRules {
  /** Not the descriptions: another wording is no reason to make every row anew. */
  readonly columns: readonly (readonly [name: string, type: string, expr: string])[];
  readonly filters: readonly string[];
  readonly wins: string;
  readonly naturalKey: readonly string[];
}

/**
 * The rules of a dataset as silver's state keeps them: under the incarnation's former name, so that those on record of an earlier
 * version still compare, and no row is made anew for a name.
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

/** Records a state without a row. Refused when silver is no longer as it was read. */
export async function recordSilver(
  { catalog }: Needs<"catalog">,
  silver: Table,
  state: SilverState,
): Promise<void> {
  await catalog.commit({
    id: silver.id,
    assertRefs: { main: silver.current?.id ?? null },
    // For a table that was made before there were streams, too.
    setProperties: { ...silverIn(state), ...noEmptyCommits },
  });
}

/** True where a stream can keep silver: any row of a key is as good as the others, so the first one stays. */
export const canFollow = ({ silver }: Dataset): boolean => silver.wins === "identical";

/** @throws PipectlError (usage) `silver_rule` where a later record may correct an earlier one */
export function requireFollowing(dataset: Dataset): void {
  if (canFollow(dataset)) return;
  throw usage(
    "silver_rule",
    `in dataset ${dataset.name} the last record of a key wins, and continuous silver can only keep the first: a correction would need to delete a row`,
    { hint: "pipectl process-silver, beside the stream, whenever silver shall be up to date" },
  );
}
