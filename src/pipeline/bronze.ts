import type { JobResult } from "../flink/jobs.js";
import { totalRecords } from "../iceberg/catalog.js";
import { renderFiles, writeFiles } from "../sql/files.js";
import { type Account, accountProperty, readAccount } from "./account.js";
import { type AddedRows, audit } from "./audit.js";
import { abandon, beginBranches, branchOf, branchWork, publication } from "./branches.js";
import { planRanges, type Range, sizeOf } from "./plan.js";
import type { RunSession } from "./run-session.js";
import { jobNames, sqlContext } from "./sql-context.js";
import { runJob } from "./submit.js";
import { ensureTables } from "./tables.js";
import type { Workspace } from "./workspace.js";

export interface Landed {
  readonly added: number;
  readonly total: number;
}

export interface BronzeResult {
  /** Undefined when there was nothing new and no job ran. */
  readonly job: JobResult | undefined;
  readonly bronze: Landed;
  readonly dlq: Landed;
}

/**
 * Takes every record that has not landed, up to the end of the topic as it is now, into bronze and the dead letters:
 * written to a branch, counted against the offsets, and only then published, both tables and the new positions in one
 * conditional commit. Whatever goes wrong before that commit leaves the tables as they were.
 */
export async function processBronze(workspace: Workspace, session: RunSession): Promise<BronzeResult> {
  const { dataset, kafka, catalog, report, config } = workspace;
  const [offsets, tables] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    ensureTables(catalog, dataset),
  ]);
  const account = readAccount(tables.bronze, tables.dlq);
  const ranges = planRanges(dataset.topic, offsets, account);
  const size = sizeOf(ranges);
  if (size === 0) {
    report({ type: "note", text: `bronze: nothing new in ${dataset.topic}` });
    return {
      job: undefined,
      bronze: { added: 0, total: totalRecords(tables.bronze.current) },
      dlq: { added: 0, total: totalRecords(tables.dlq.current) },
    };
  }

  report({ type: "step", text: `Bronze: ${size.toLocaleString("en-US")} new records of ${dataset.topic}` });
  const branch = branchOf(session.run);
  const landing = [tables.bronze, tables.dlq];
  session.open();
  await beginBranches(catalog, landing, branch);
  let asked = false;
  try {
    const context = sqlContext(config, dataset, workspace.runtime.inside, {
      run: session.run,
      branch,
      ranges,
      epoch: account?.epoch ?? 0,
    });
    const files = renderFiles(config.root, ["00_catalog", "01_source", "05_bronze"], context);
    const paths = writeFiles(config.root, files);
    await session.prepare(files, paths);
    const job = await runJob(workspace, await session.get(), {
      name: jobNames(dataset, session.run).bronze,
      path: paths.get("05_bronze") as string,
      sql: files.get("05_bronze") as string,
      total: size,
    });
    const [bronze, dlq] = await Promise.all(
      landing.map(async (before) => branchWork(before, (await catalog.table(before.id)) ?? before, branch)),
    );
    if (bronze === undefined || dlq === undefined) throw new Error("two tables, two branches");
    const added = audit(ranges, bronze, dlq);
    const next: Account = {
      version: 1,
      topic: dataset.topic,
      epoch: account?.epoch ?? 0,
      run: session.run,
      bronzeSnapshot: bronze.head,
      dlqSnapshot: dlq.head,
      partitions: advance(account, ranges, added),
    };
    asked = true;
    await catalog.commit([
      publication(tables.bronze, bronze, branch, { [accountProperty]: JSON.stringify(next) }),
      publication(tables.dlq, dlq, branch, {}),
    ]);
    await showProgress(workspace, next);
    const sum = (kind: "bronze" | "dlq") => added.reduce((total, rows) => total + rows[kind], 0);
    return {
      job,
      bronze: { added: sum("bronze"), total: totalRecords(tables.bronze.current) + sum("bronze") },
      dlq: { added: sum("dlq"), total: totalRecords(tables.dlq.current) + sum("dlq") },
    };
  } catch (error) {
    await abandon(workspace, landing, branch, { asked, error });
    throw error;
  }
}

function advance(account: Account | undefined, ranges: readonly Range[], added: readonly AddedRows[]) {
  return ranges.map(({ partition, start, end }, i) => {
    const before = account?.partitions.find((candidate) => candidate.partition === partition);
    return {
      partition,
      first: before?.first ?? start,
      next: end,
      bronze: (before?.bronze ?? 0) + (added[i]?.bronze ?? 0),
      dlq: (before?.dlq ?? 0) + (added[i]?.dlq ?? 0),
    };
  });
}

/** Commits the consumer group's offsets, for other tools to see. They are never read back, so a failure is a warning. */
async function showProgress(workspace: Workspace, account: Account): Promise<void> {
  const { kafka, config, dataset, report } = workspace;
  try {
    const offsets = new Map(account.partitions.map(({ partition, next }) => [partition, next]));
    await kafka.commitOffsets(config.values.CONSUMER_GROUP, dataset.topic, offsets);
  } catch (error) {
    report({
      type: "warning",
      text: `the records have landed, but group ${config.values.CONSUMER_GROUP} does not show it: ${error instanceof Error ? error.message : error}`,
    });
  }
}
