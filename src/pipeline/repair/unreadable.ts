import { failed } from "../../core/errors.js";
import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Table } from "../../iceberg/catalog.js";
import type { TopicOffsets } from "../../kafka/offsets.js";
import { tableKinds } from "../../lake/definitions.js";
import { type Account, isRemade } from "../../ledger/account.js";
import { readableSilver, recordSilver } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { hasFailed, type Operation, runMaintenance } from "../maintain/maintenance-job.js";
import type { Patient, Seen, Treatment } from "./treatment.js";

/** A file that is gone or damaged, as our own job reports it. The last three are missing where the table does not tell. */
interface BrokenFile {
  readonly path: string;
  readonly why: string;
  readonly rows: number;
  readonly partition?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Reads every file of the tables, and finds those that are gone or damaged. */
export async function unreadableFiles({ workspace, tables, topic, account }: Patient): Promise<Seen> {
  const kinds = tableKinds.filter((kind) => tables[kind]?.current !== undefined);
  const outcomes = await ownJob<{ readonly broken: readonly BrokenFile[] }>(
    workspace,
    kinds.map((kind) => onTable("unreadable", tables[kind] as Table)),
  );
  const treatments = kinds.flatMap((kind, i) => {
    const broken = outcomes[i]?.broken ?? [];
    if (broken.length === 0) return [];
    const table = tables[kind] as Table;
    return [
      kind === "silver"
        ? silverFiles(workspace, table, broken)
        : landedFiles(workspace, table, broken, gone(broken, topic, account)),
    ];
  });
  return { treatments, hides: treatments.some(({ after }) => after === "bronze") };
}

const nameOf = ({ id }: Table) => `${id.namespace}.${id.table}`;

const described = (broken: readonly BrokenFile[]) =>
  `${plural(broken.length, "file")} with ${plural(sum(broken.map(({ rows }) => rows)), "row")} cannot be read: ${broken[0]?.path}: ${broken[0]?.why}`;

function landedFiles(
  workspace: Workspace,
  table: Table,
  broken: readonly BrokenFile[],
  lost: number,
): Treatment {
  const paths = broken.map(({ path }) => path).join("\n");
  return {
    finding: "file_unreadable",
    table: nameOf(table),
    detail: described(broken),
    action:
      `take ${broken.length === 1 ? "the file" : "these files"} out of the table, and ingest their records again` +
      (lost === 0 ? "" : `, but for up to ${count(lost)} that Kafka no longer has`),
    gone: lost,
    after: "bronze",
    carryOut: async () => void (await ownJob(workspace, [{ ...onTable("files", table), paths }])),
  };
}

function silverFiles(workspace: Workspace, table: Table, broken: readonly BrokenFile[]): Treatment {
  return {
    finding: "file_unreadable",
    table: nameOf(table),
    detail: described(broken),
    action: "make silver again from bronze",
    gone: 0,
    after: "silver",
    carryOut: async () => {
      const silver = (await workspace.catalog.table(table.id)) ?? table;
      const state = readableSilver(silver);
      // No dataset has these rules, so all of silver is made again.
      if (state !== undefined) await recordSilver(workspace, silver, { ...state, rules: "" });
    },
  };
}

/** Records of these files that Kafka no longer has, at most: a file says only from where to where its offsets go. */
function gone(broken: readonly BrokenFile[], topic: TopicOffsets, account: Account | undefined): number {
  const isOther = account === undefined ? false : account.incarnation > 0 || isRemade(account, topic);
  const lost = broken.map(({ rows, partition, min, max }) => {
    const first = topic.partitions.find((one) => one.partition === partition)?.first;
    // Nobody knows from which incarnation its rows are.
    if (first === undefined || min === undefined || max === undefined || isOther) return rows;
    return max < first ? rows : Math.min(rows, Math.max(0, first - min));
  });
  return sum(lost);
}

/** An operation on a table as it is now. */
export const onTable = (task: Operation["task"], { id, current }: Table): Operation => ({
  task,
  ...id,
  from: current?.id ?? "",
});

/** @throws PipectlError (failed) `repair_failed` with what Iceberg says */
export async function ownJob<T extends object>(
  workspace: Workspace,
  work: readonly Operation[],
): Promise<readonly T[]> {
  const outcomes = await runMaintenance<T>(workspace, work);
  const wrong = outcomes.flatMap((outcome, i) =>
    hasFailed(outcome) ? [`${work[i]?.namespace}.${work[i]?.table}: ${outcome.error}`] : [],
  );
  if (wrong.length === 0) return outcomes as readonly T[];
  throw failed("repair_failed", wrong.join("\n"), { hint: "pipectl doctor; then the same command again" });
}
