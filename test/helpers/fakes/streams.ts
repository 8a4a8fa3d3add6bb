import { lastCheckpointIn } from "../../../src/lake/lineage.js";
import { epochIn, firstNamed, type House, land, parsed, type Row, readBy } from "./batch-jobs.js";
import type { Work } from "./flink.js";
import { withHashes } from "./hashes.js";
import { namedIn, offsetsIn } from "./statements.js";

/** What a checkpoint of a streaming job holds. */
export interface StreamState {
  /** Where it reads on: the topic's offsets, or the bronze snapshot that it has read last. */
  readonly offsets?: ReadonlyMap<number, number>;
  readonly snapshot?: string | null;
  /** Natural keys that silver has. */
  readonly keys?: ReadonlySet<string>;
  /** Rows that were read and are not committed, with the job and the checkpoint that would have. */
  readonly pending: Pending;
}

interface Pending {
  readonly job: string;
  readonly rows: Partial<Readonly<Record<"bronze" | "dlq" | "silver", readonly Row[]>>>;
}

const stamp = (job: string, checkpoint: number) => ({
  "flink.job-id": job,
  "flink.max-committed-checkpoint-id": String(checkpoint),
});

/** What a dead job had read: its successor commits it in its name, where the table has not got it. */
async function commitPending(house: House, { job, rows }: Pending, checkpoint: number): Promise<void> {
  for (const kind of ["bronze", "dlq", "silver"] as const) {
    const table = await house.catalog.table(house.dataset.tables[kind]);
    if (table === undefined || lastCheckpointIn(table, job) >= checkpoint) continue;
    append(house, kind, rows[kind] ?? [], stamp(job, checkpoint));
  }
}

function append(
  house: House,
  kind: "bronze" | "dlq" | "silver",
  rows: readonly Row[],
  summary: Record<string, string>,
) {
  if (kind !== "silver") return land(house, kind, rows, { summary });
  const change = (before: readonly Row[]) => [...before, ...rows];
  house.catalog.write(house.dataset.tables.silver, { summary, change });
}

interface Begun {
  /** Its id. */
  readonly job: string;
  readonly sql: string;
  /** The definition of the topic's table. */
  readonly source: string;
  /** The first of silver's two jobs: it reads the keys that silver has, and no row of bronze. */
  readonly keysOnly: boolean;
  /** What it takes over, and the number of the checkpoint that this was. */
  readonly restored: { readonly state: StreamState; readonly checkpoint: number } | undefined;
}

/** 07_streaming_bronze. The offsets of a state win over those of the topic's table. */
export async function streamBronze(
  house: House,
  { job, sql, source, restored }: Begun,
): Promise<Work<StreamState>> {
  if (restored !== undefined) await commitPending(house, restored.state.pending, restored.checkpoint);
  const offsets = new Map(
    restored?.state.offsets ?? offsetsIn(source, "scan.startup.specific-offsets") ?? [],
  );
  const incarnation = epochIn(sql);
  let rows = { bronze: [] as Row[], dlq: [] as Row[] };
  return {
    read: () => {
      for (let partition = 0; partition < house.topic.partitions(); partition++) {
        const sent = house.topic.read(partition, offsets.get(partition));
        const read = withHashes(sql, parsed(house, sent, incarnation));
        rows = { bronze: [...rows.bronze, ...read.bronze], dlq: [...rows.dlq, ...read.dlq] };
        offsets.set(partition, Math.max(offsets.get(partition) ?? 0, house.topic.end(partition)));
      }
    },
    state: () => ({ offsets: new Map(offsets), pending: { job, rows } }),
    commit: (checkpoint) => {
      for (const kind of ["bronze", "dlq"] as const) append(house, kind, rows[kind], stamp(job, checkpoint));
      rows = { bronze: [], dlq: [] };
    },
  };
}

/** 08_streaming_silver. */
export async function streamSilver(
  house: House,
  { job, sql, keysOnly, restored }: Begun,
): Promise<Work<StreamState>> {
  if (restored !== undefined) await commitPending(house, restored.state.pending, restored.checkpoint);
  const { bronze, silver } = house.dataset.tables;
  const from = firstNamed(sql, bronze).options["start-snapshot-id"] ?? null;
  const [, known] = namedIn(sql, silver);
  const keys = new Set(
    restored?.state.keys ?? (known === undefined ? [] : readBy(house, known).map(({ record }) => record.key)),
  );
  let snapshot = restored === undefined ? from : (restored.state.snapshot ?? null);
  let rows: Row[] = [];
  return {
    vertices: () => [{ name: "Source: silver", state: "FINISHED" }],
    read: () => {
      const head = house.catalog.head(bronze);
      if (keysOnly || head === undefined) return;
      const read = house.catalog.appended(bronze, snapshot, head);
      for (const row of read) {
        if (row.record.filtered === true || keys.has(row.record.key)) continue;
        keys.add(row.record.key);
        rows = [...rows, row];
      }
      snapshot = head;
    },
    state: () => ({ keys: new Set(keys), snapshot, pending: { job, rows: { silver: rows } } }),
    commit: (checkpoint) => {
      append(house, "silver", rows, stamp(job, checkpoint));
      rows = [];
    },
  };
}
