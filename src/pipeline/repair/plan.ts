import { activeStreams, type StreamKind } from "../../execution/stream-jobs.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { readableAccount } from "../../ledger/account.js";
import type { Workspace } from "../../workspace/workspace.js";
import { expiredStreams } from "./expired-streams.js";
import { foreignCommits } from "./foreign-commits.js";
import { silverState } from "./silver-state.js";
import type { Look, Patient, Treatment } from "./treatment.js";
import { unreadableFiles } from "./unreadable.js";
import { wrongRows } from "./wrong-rows.js";

/** What is to be done, in this order. */
export interface Plan {
  readonly treatments: readonly Treatment[];
  /** Streams that run. */
  readonly running: readonly StreamKind[];
  /** True when more may be found once this is done. */
  readonly looksAgain: boolean;
  /** Where the tables were; see `headsOf`. */
  readonly heads: string;
}

/** In this order: rows can only be counted in files that can be read, of tables that are where they should be. */
const looks: readonly Look[] = [foreignCommits, unreadableFiles, wrongRows, silverState];

/** Looks for everything that is wrong with the tables; changes nothing. Reads every row of them. */
export async function planOf(workspace: Workspace): Promise<Plan> {
  const { catalog, kafka, dataset } = workspace;
  const [topic, tables, active] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    loadTables(catalog, dataset),
    activeStreams(workspace),
  ]);
  let patient: Patient = {
    ...{ workspace, topic, tables },
    account: readableAccount(tables.bronze),
    running: [...new Set(active.map(({ kind }) => kind))],
  };
  const treatments: Treatment[] = [];
  let looksAgain = false;
  for (const look of looks) {
    const seen = await look(patient);
    treatments.push(...seen.treatments);
    patient = { ...patient, tables: seen.tables ?? patient.tables };
    looksAgain = seen.hides === true;
    if (looksAgain) break;
  }
  // All streams are begun anew where bronze is repaired.
  if (!treatments.some(({ after }) => after === "bronze"))
    treatments.push(...(await expiredStreams(patient)).treatments);
  return { treatments, running: patient.running, looksAgain, heads: headsOf(tables) };
}

/** The snapshots that readers see. */
export const headsOf = (tables: Partial<Tables>): string =>
  Object.values(tables)
    .map(({ id, refs }) => `${id.namespace}.${id.table} ${refs.main ?? ""}`)
    .join();
