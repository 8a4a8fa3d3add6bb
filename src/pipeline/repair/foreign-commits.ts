import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { landingKinds } from "../../lake/definitions.js";
import { ancestorsOf, appendedSince, isAppend, jobOf } from "../../lake/lineage.js";
import type { Account } from "../../ledger/account.js";
import { nothing, type Patient, type Seen, type Treatment } from "./treatment.js";

/**
 * Commits of other programs on top of what the account covers. While its snapshots are there and no stream of ours has committed
 * after those programs, the tables go back: that is exact, to the last value, and reads no row.
 */
export async function foreignCommits({ workspace, tables, account }: Patient): Promise<Seen> {
  if (account === undefined) return nothing;
  const changed = landingKinds.flatMap((kind) => {
    const table = tables[kind];
    const snapshot = kind === "bronze" ? account.bronzeSnapshot : account.dlqSnapshot;
    const since = table === undefined ? undefined : foreignSince(table, snapshot, account);
    return table === undefined || since === undefined ? [] : [{ kind, table, ...since }];
  });
  const treatments = changed.map(({ table, to, commits }): Treatment => {
    const figure = (name: string) => sum(commits.map(({ summary }) => Number(summary[name] ?? 0)));
    return {
      finding: "foreign_commits",
      table: `${table.id.namespace}.${table.id.table}`,
      detail: `${plural(commits.length, "commit")} of another program, with ${plural(figure("added-records"), "row")} added and ${count(figure("deleted-records"))} removed`,
      action: `set the table back to snapshot ${to.id}, which the account covers`,
      gone: 0,
      after: "bronze",
      carryOut: async () =>
        await workspace.catalog.commit({
          id: table.id,
          assertRefs: { main: table.current?.id ?? null },
          setRefs: { main: to.id },
        }),
    };
  });
  const after = changed.map(({ kind, table, to }) => [kind, setBack(table, to)]);
  return { treatments, tables: { ...tables, ...Object.fromEntries(after) } };
}

const setBack = (table: Table, to: Snapshot): Table => ({
  ...table,
  current: to,
  refs: { ...table.refs, main: to.id },
});

/**
 * The newest commits of a table, back to one of ours: of the account's stream, or the account's own snapshot. Undefined when
 * all commits are known, and when others lie below: going back would lose rows of ours.
 */
function foreignSince(
  table: Table,
  snapshot: string | null,
  { stream }: Account,
): { readonly to: Snapshot; readonly commits: readonly Snapshot[] } | undefined {
  const isOwn = (one: Snapshot) => stream?.jobs.includes(jobOf(one)) === true;
  if (appendedSince(table, snapshot, isOwn) !== undefined) return undefined;
  const history = ancestorsOf(table);
  const at = history.findIndex((one) => one.id === snapshot || (isAppend(one) && isOwn(one)));
  const to = history[at];
  if (to === undefined || appendedSince(setBack(table, to), snapshot, isOwn) === undefined) return undefined;
  const commits = history.slice(0, at);
  return commits.some(({ summary }) => repairMark in summary) ? undefined : { to, commits };
}

/** Our own jobs write it into the summary when they take files or rows out of a table. */
const repairMark = "pipectl.repair";
