import { usage } from "../../core/errors.js";
import type { Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { neededOf } from "./needed.js";
import { settle } from "./settle.js";
import { tend } from "./tend.js";

/** What `Tend` says of a table; sizes in bytes. */
export interface Expired {
  readonly table: string;
  readonly snapshotsBefore: number;
  readonly snapshotsAfter: number;
  /** Files that were deleted, by kind; null for a dry run. */
  readonly files: Readonly<Record<string, number>> | null;
  /** Why older snapshots stay, where any do. */
  readonly keptFor: string;
}

export interface Manifests {
  readonly table: string;
  readonly manifestsBefore: number;
  readonly manifestsAfter: number;
}

export interface Orphans {
  readonly table: string;
  /** Below the table's location. */
  readonly files: number;
  readonly orphans: number;
  readonly bytes: number;
  /** Named by nothing, but younger than the age. */
  readonly kept: number;
  readonly examples: readonly string[];
}

const hourMs = 3_600_000;

/**
 * Removes snapshots that are older than `olderThanMs`, and the files that only they name. What the account, silver, a stream, a
 * branch or a tag needs stays, whatever its age, and so do the last `keep` of each table.
 */
export async function expireSnapshots(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  how: { readonly olderThanMs: number; readonly keep: number; readonly dryRun: boolean },
): Promise<Expired[]> {
  const reasons = new Map<string, string>();
  const done = await tend<Omit<Expired, "table" | "keptFor">>(
    workspace,
    kinds,
    how.dryRun,
    (kind, tables) => {
      const { retainLast, by } = neededOf(kind, tables);
      reasons.set(
        workspace.dataset.tables[kind].qualified,
        retainLast > how.keep ? by : `--keep ${how.keep}`,
      );
      const options = {
        "older-than": String(Date.now() - how.olderThanMs),
        "retain-last": String(Math.max(how.keep, retainLast)),
      };
      return { task: "expire", options };
    },
    async () => await settle(workspace),
  );
  return done.map((one) => ({ ...one, keptFor: reasons.get(one.table) ?? "" }));
}

/** Puts small manifests together: planning a query opens each of them. */
export async function rewriteManifests(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  dryRun: boolean,
): Promise<Manifests[]> {
  return await tend<Omit<Manifests, "table">>(workspace, kinds, dryRun, () => ({
    task: "manifests",
    options: {},
  }));
}

/**
 * Removes files that no snapshot names and that are older than `olderThanMs`: what killed jobs have left.
 *
 * @param risk true to take an age at which a writer may still be at work on such files
 * @throws PipectlError (usage) `age_dangerous`
 */
export async function vacuum(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  how: { readonly olderThanMs: number; readonly dryRun: boolean; readonly risk: boolean },
): Promise<Orphans[]> {
  if (how.olderThanMs < 24 * hourMs && !how.dryRun && !how.risk) {
    throw usage(
      "age_dangerous",
      "--older-than is less than a day: files of a job that has not committed yet look just like those that nobody needs",
      { hint: "--older-than 1d or more; --delete-files-of-writers-at-work if you know that there is none" },
    );
  }
  const options = { "older-than": String(Date.now() - how.olderThanMs) };
  return await tend<Omit<Orphans, "table">>(workspace, kinds, how.dryRun, () => ({
    task: "orphans",
    options,
  }));
}
