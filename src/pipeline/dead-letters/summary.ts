import { DamagedRecord } from "../../core/record-codec.js";
import { sum } from "../../core/sum.js";
import type { Table } from "../../iceberg/catalog.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Acceptance, type Acceptances, acceptedOf, recordedAcceptances } from "./acceptances.js";
import { countDeadLetters } from "./count-dead-letters.js";
import type { DeadLetterGroup } from "./reasons.js";

export interface DlqSummary {
  readonly table: string;
  /** False before the first run. */
  readonly exists: boolean;
  readonly total: number;
  readonly accepted: number;
  /** Dead letters that nobody has accepted. */
  readonly open: number;
  /** DLQ_MAX; null when it is not set. */
  readonly max: number | null;
  /** The most frequent first. */
  readonly reasons: readonly ReasonLine[];
  readonly partitions: readonly {
    readonly incarnation: number;
    readonly partition: number;
    readonly count: number;
  }[];
  /** The acceptances as given, with the number of dead letters that each covers now. */
  readonly acceptances: readonly AcceptanceLine[];
}

export interface ReasonLine {
  readonly reason: string;
  readonly field: string | null;
  readonly count: number;
  /** Kafka's timestamps, ISO 8601. */
  readonly first: string;
  readonly last: string;
  /** One of the newest. */
  readonly example: {
    readonly incarnation: number;
    readonly partition: number;
    readonly offset: number;
    readonly error: string;
  };
}

export type AcceptanceLine = Omit<Acceptance, "ranges"> & { readonly count: number };

/** The dead letters by reason and partition. None when there is no table. */
export async function dlqSummary(workspace: Workspace): Promise<DlqSummary> {
  const { catalog, dataset, config } = workspace;
  const table = await catalog.table(dataset.tables.dlq);
  const acceptances = readable(workspace, table)?.acceptances ?? [];
  const groups = await countDeadLetters(workspace, table, acceptances);
  const counts = acceptedOf(acceptances, groups);
  const total = sum(groups.map(({ count }) => count));
  const accepted = sum(counts);
  return {
    table: dataset.tables.dlq.qualified,
    exists: table !== undefined,
    total,
    accepted,
    open: total - accepted,
    max: config.values.DLQ_MAX ?? null,
    reasons: reasonLines(groups),
    partitions: partitionLines(groups),
    acceptances: acceptances.map(({ ranges: _, ...one }, i) => ({ ...one, count: counts[i] ?? 0 })),
  };
}

/** With a damaged record nothing counts as accepted, so that everything is shown again. */
function readable({ report }: Workspace, table: Table | undefined): Acceptances | undefined {
  try {
    return recordedAcceptances(table);
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error;
    report({ type: "warning", text: `${error.message}; none counts as accepted: ${error.hint}` });
    return undefined;
  }
}

/** Merges groups by reason and field, the most frequent first. Pure. */
export function reasonLines(groups: readonly DeadLetterGroup[]): ReasonLine[] {
  const lines = new Map<string, ReasonLine>();
  for (const { incarnation, partition, reason, field, count, first, last, newest } of groups) {
    const key = `${reason}:${field ?? ""}`;
    const line = { reason, field, count, first, last, example: { incarnation, partition, ...newest } };
    const before = lines.get(key) ?? { ...line, count: 0 };
    lines.set(key, {
      ...line,
      count: before.count + count,
      first: before.first < first ? before.first : first,
      last: before.last > last ? before.last : last,
      example: before.last > last ? before.example : line.example,
    });
  }
  const name = ({ reason, field }: ReasonLine) => `${reason}:${field ?? ""}`;
  return [...lines.values()].sort((a, b) => b.count - a.count || (name(a) < name(b) ? -1 : 1));
}

function partitionLines(groups: readonly DeadLetterGroup[]): DlqSummary["partitions"] {
  const lines = new Map<string, DlqSummary["partitions"][number]>();
  for (const { incarnation, partition, count } of groups) {
    const key = `${incarnation}/${partition}`;
    lines.set(key, { incarnation, partition, count: (lines.get(key)?.count ?? 0) + count });
  }
  return [...lines.values()].sort((a, b) => a.incarnation - b.incarnation || a.partition - b.partition);
}
