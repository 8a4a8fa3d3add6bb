import { failed, PipectlError } from "../core/errors.js";
import { count } from "../core/format.js";
import type { JobResult } from "../flink/jobs.js";
import { type Table, totalRecords } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/client.js";
import { renderFiles, writeFiles } from "../sql/files.js";
import { type Account, accountProperty, landedOf, readAccount, recordedAccount } from "./account.js";
import { type AddedRows, audit } from "./audit.js";
import { abandon, beginBranches, branchOf, branchWork, publication } from "./branches.js";
import { type Plan, planRanges, type Range, sizeOf } from "./plan.js";
import { recount } from "./recount.js";
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
 *
 * @param acceptLoss goes on without records that Kafka no longer has; see `planRanges`
 */
export async function processBronze(
  workspace: Workspace,
  session: RunSession,
  acceptLoss: boolean,
): Promise<BronzeResult> {
  const { dataset, kafka, catalog, report, config } = workspace;
  const [topic, tables] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    ensureTables(catalog, dataset),
  ]);
  const { account, there } = await accountInForce(workspace, tables, topic, acceptLoss);
  const plan = planRanges(dataset.topic, topic, account, acceptLoss, there);
  const { ranges } = plan;
  const size = sizeOf(ranges);
  const lost = ranges.reduce((sum, range) => sum + range.lost, 0);
  if (lost > 0)
    report({ type: "warning", text: `accepted as lost: ${count(lost)} records that Kafka removed` });
  const begins = account !== undefined && plan.epoch !== account.epoch;
  if (begins)
    report({ type: "warning", text: `epoch ${plan.epoch} of ${dataset.topic} begins: it was made again` });
  if (size === 0) {
    // An empty range is no run, but what was accepted must be on record.
    if (lost > 0 || begins || there !== undefined)
      await recordOnly(workspace, tables, advance(account, plan, session.run));
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
      epoch: plan.epoch,
      // Only where a recount has found a hole: looking up each record in the tables costs as much as reading it.
      repair: ranges.some((range) => range.there > 0),
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
    await requireSameTopic(workspace, plan);
    const added = await audit(ranges, bronze, dlq, (range) => countInKafka(workspace, range));
    const next: Account = {
      ...advance(account, plan, session.run, added),
      topic: dataset.topic,
      bronzeSnapshot: bronze.head,
      dlqSnapshot: dlq.head,
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

/**
 * The account that was recorded with the tables' snapshots; where there is none that holds, one that is made from every
 * row, and then what of the ranges to come is `there` already.
 */
async function accountInForce(
  workspace: Workspace,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  topic: TopicOffsets,
  acceptLoss: boolean,
): Promise<{ account: Account | undefined; there?: ReadonlyMap<number, number> }> {
  try {
    return { account: readAccount(bronze, dlq) };
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
    workspace.report({ type: "warning", text: error.message });
    workspace.report({ type: "step", text: "Bronze: counting every row by partition and offset" });
    const recounted = await recount(workspace, topic, recordedAccount(bronze), acceptLoss);
    const snapshots = { bronzeSnapshot: bronze.current?.id ?? null, dlqSnapshot: dlq.current?.id ?? null };
    return { account: { ...recounted.account, ...snapshots, run: "" }, there: recounted.there };
  }
}

/** The account with this run in it, except for the snapshots. */
function advance(
  account: Account | undefined,
  { epoch, topicId, ranges }: Plan,
  run: string,
  added: readonly AddedRows[] = [],
): Omit<Account, "topic" | "bronzeSnapshot" | "dlqSnapshot"> {
  const before = account?.partitions ?? [];
  const lines = ranges.map(({ partition, start, end, lost }) => {
    const rows = added.find((candidate) => candidate.partition === partition);
    const landed = epoch === account?.epoch ? landedOf(account, partition) : undefined;
    return {
      epoch,
      partition,
      first: landed?.first ?? start - lost,
      next: end,
      bronze: (landed?.bronze ?? 0) + (rows?.bronze ?? 0),
      dlq: (landed?.dlq ?? 0) + (rows?.dlq ?? 0),
      withoutRecord: (landed?.withoutRecord ?? 0) + (rows?.withoutRecord ?? 0),
      lost: (landed?.lost ?? 0) + lost,
    };
  });
  return {
    version: 2,
    epoch,
    topicId,
    run,
    partitions: [...before.filter((line) => line.epoch !== epoch), ...lines],
  };
}

/** Records what was accepted where there is no record to take. */
async function recordOnly(
  { catalog, dataset }: Workspace,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  advanced: ReturnType<typeof advance>,
): Promise<void> {
  const [bronzeSnapshot, dlqSnapshot] = [bronze.current?.id ?? null, dlq.current?.id ?? null];
  const account: Account = { ...advanced, topic: dataset.topic, bronzeSnapshot, dlqSnapshot };
  await catalog.commit([
    {
      id: bronze.id,
      assertRefs: { main: bronzeSnapshot },
      setProperties: { [accountProperty]: JSON.stringify(account) },
    },
    { id: dlq.id, assertRefs: { main: dlqSnapshot } },
  ]);
}

/** A topic that was made again while the job read it may have given it records of both. */
async function requireSameTopic({ kafka, dataset }: Workspace, { topicId }: Plan): Promise<void> {
  const now = await kafka.topicOffsets(dataset.topic);
  if (topicId !== null && now.id !== null && now.id !== topicId) {
    throw failed("topic_remade", `topic ${dataset.topic} was made again while the job read it`, {
      hint: "nothing was published; pipectl process says what is lost",
    });
  }
}

/** @throws PipectlError (failed) `records_lost` when Kafka removed some of them since the job began */
async function countInKafka(workspace: Workspace, range: Range): Promise<number> {
  const { kafka, dataset, signal, report } = workspace;
  const { partitions } = await kafka.topicOffsets(dataset.topic);
  const first = partitions.find(({ partition }) => partition === range.partition)?.first ?? 0;
  if (first > range.start) {
    throw failed(
      "records_lost",
      `Kafka removed records of ${dataset.topic} while the job read them: ` +
        `partition ${range.partition} now begins at offset ${first}, the job began at ${range.start}`,
      { hint: "nothing was published; pipectl process says what is lost" },
    );
  }
  report({
    type: "step",
    text: `Bronze: counting the records of partition ${range.partition}, which has fewer than offsets`,
  });
  return await kafka.countRecords(dataset.topic, range, signal);
}

/** Commits the consumer group's offsets, for other tools to see. They are never read back, so a failure is a warning. */
async function showProgress(workspace: Workspace, account: Account): Promise<void> {
  const { kafka, config, dataset, report } = workspace;
  try {
    const offsets = new Map(
      account.partitions
        .filter(({ epoch }) => epoch === account.epoch)
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
