import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { jobNames } from "../../execution/job-names.js";
import { readyTables } from "../../execution/ready-tables.js";
import { runBatch } from "../../execution/run-batch.js";
import type { RunSession } from "../../execution/run-session.js";
import type { JobResult } from "../../flink/jobs.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { branchOf, onBranch, publication, publish, writtenTo } from "../../lake/branches.js";
import { type Plan, sizeOf } from "../../lake/ranges.js";
import { sayAccepted } from "../../ledger/accepted.js";
import { type Account, accountIn, advance, readableAccount } from "../../ledger/account.js";
import { audit } from "../../ledger/audit.js";
import { withHashesWritten } from "../../ledger/hashes-written.js";
import { planRun, withAnchors } from "../../ledger/plan-run.js";
import { finishPublication, publishDeadLetters } from "../../ledger/publication.js";
import { recordAccount } from "../../ledger/record-account.js";
import { accountInForce } from "../../ledger/recount.js";
import { countInKafka, requireSameTopic } from "../../ledger/topic-check.js";
import { markTopic } from "../../ledger/topic-mark.js";
import type { Workspace } from "../../workspace/workspace.js";

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
 * Ingests every record that has not landed, up to the current end of the topic, into bronze and the dead letters. The rows are
 * written to a branch, counted against the offsets, and only then published: bronze and the new positions in one conditional
 * commit, the dead letters in another. A failure before the first commit leaves the tables unchanged; if a run ends between
 * the two, the next run finishes it.
 *
 * @param acceptLoss continues without records that Kafka no longer has; see `planRanges`
 * @param acceptForeign takes rows that pipectl did not write as they are; see `accountInForce`
 */
export async function processBronze(
  workspace: Workspace,
  session: RunSession,
  acceptLoss: boolean,
  acceptForeign = false,
): Promise<BronzeResult> {
  const { dataset, kafka, catalog, report } = workspace;
  const [topic, found] = await Promise.all([kafka.topicOffsets(dataset.topic), readyTables(workspace)]);
  const tables = await finishPublication(workspace, found);
  const stream = readableAccount(tables.bronze)?.stream;
  const { account, counted, present } = await accountInForce(
    workspace,
    tables,
    topic,
    acceptLoss,
    acceptForeign,
  );
  const plan = await withAnchors(
    workspace,
    topic,
    await planRun(workspace, topic, account, acceptLoss, present),
  );
  const { ranges } = plan;
  const size = sizeOf(ranges);
  const lost = sum(ranges.map((range) => range.lost));
  const begins = account !== undefined && plan.incarnation !== account.incarnation;
  sayAccepted(workspace, account, plan);
  if (size === 0) {
    // No job runs for an empty range, but an accepted loss must be recorded.
    if (lost > 0 || begins || counted)
      await recordAccount(workspace, tables, advance(account, plan, session.run));
    if (counted) await deleteOldState(workspace, stream);
    report({ type: "note", text: `bronze: nothing new in ${dataset.topic}` });
    return {
      job: undefined,
      bronze: { added: 0, total: totalRecords(tables.bronze.current) },
      dlq: { added: 0, total: totalRecords(tables.dlq.current) },
    };
  }

  report({ type: "step", text: `Bronze: ${count(size)} new records of ${dataset.topic}` });
  await markTopic(workspace, [tables.bronze, tables.dlq], plan);
  // What Kafka removes while the first run reads would be missed by nobody, if nobody knew where it began.
  if (account === undefined)
    await recordAccount(workspace, tables, advance(account, atItsStart(plan), session.run));
  const branch = branchOf(session.run);
  const landing = [tables.bronze, tables.dlq];
  session.open();
  const { job, bronze, dlq, added } = await onBranch(workspace, landing, branch, async () => {
    const job = await runBatch(workspace, session, {
      file: "05_bronze",
      jobName: jobNames(dataset, session.run).bronze,
      context: {
        branch,
        ranges,
        incarnation: plan.incarnation,
        // Only when a recount has found a hole: looking up each record in the tables costs as much as reading it.
        repair: ranges.some((range) => range.present > 0),
      },
      total: size,
    });
    const [bronze, dlq] = await Promise.all([
      writtenTo(catalog, tables.bronze, branch),
      writtenTo(catalog, tables.dlq, branch),
    ]);
    const now = await requireSameTopic(workspace, plan);
    const counted = await audit(ranges, bronze, dlq, (range) => countInKafka(workspace, now, range));
    const added = await withHashesWritten(workspace, tables, { bronze, dlq }, counted);
    return { job, bronze, dlq, added };
  });
  const next: Account = {
    ...advance(account, plan, session.run, added),
    topic: dataset.topic,
    bronzeSnapshot: bronze.head,
    dlqSnapshot: dlq.head,
  };
  await publish(workspace, landing, branch, publication(tables.bronze, bronze, branch, accountIn(next)));
  await publishDeadLetters(workspace, publication(tables.dlq, dlq, branch, {}));
  await deleteOldState(workspace, stream);
  workspace.signal.throwIfAborted();
  await showProgress(workspace, next);
  const addedTo = (kind: "bronze" | "dlq") => sum(added.map((rows) => rows[kind]));
  return {
    job,
    bronze: { added: addedTo("bronze"), total: totalRecords(tables.bronze.current) + addedTo("bronze") },
    dlq: { added: addedTo("dlq"), total: totalRecords(tables.dlq.current) + addedTo("dlq") },
  };
}

/** The plan of a run that takes nothing. */
const atItsStart = ({ anchors: _, ...plan }: Plan): Plan => ({
  ...plan,
  ranges: plan.ranges.map((range) => ({ ...range, end: range.start })),
});

/** Commits the consumer group's offsets for other tools to see. pipectl never reads them back, so a failure is only a warning. */
async function showProgress(workspace: Workspace, account: Account): Promise<void> {
  const { kafka, config, dataset, report } = workspace;
  try {
    const offsets = new Map(
      account.partitions
        .filter(({ incarnation }) => incarnation === account.incarnation)
        .map(({ partition, next }) => [partition, next]),
    );
    await kafka.commitOffsets(config.values.CONSUMER_GROUP, dataset.topic, offsets);
  } catch (error) {
    report({
      type: "warning",
      text: `the records have landed, but group ${config.values.CONSUMER_GROUP} does not show it: ${error instanceof Error ? error.message : error}`,
    });
  }
}
