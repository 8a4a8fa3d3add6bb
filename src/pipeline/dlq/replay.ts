import { failed } from "../../core/errors.js";
import { count } from "../../core/format.js";
import { renderFiles, writeFiles } from "../../sql/files.js";
import { type Account, accountProperty, type PartitionAccount, partitionName } from "../account.js";
import { batchQuery } from "../batch-query.js";
import { type BranchWork, branchOf, branchWork, onBranch, publication, publish } from "../branches.js";
import { finishPublication, publishDeadLetters } from "../bronze.js";
import { countRows } from "../count-rows.js";
import { deleteDates } from "../delete-dates.js";
import { exclusively } from "../lock.js";
import { appendedBetween, asOf, readFrom } from "../read-options.js";
import { accountInForce } from "../recount.js";
import { type RunSession, runSession } from "../run-session.js";
import { jobNames, recordSchema, sqlContext } from "../sql-context.js";
import { tidy } from "../stream/tidy.js";
import { type Restarted, whileStopped } from "../stream/while-stopped.js";
import { runJob } from "../submit.js";
import { ensureTables, type Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";

export interface ReplayResult {
  /** Dead letters that were read again. */
  readonly examined: number;
  /** Those that can be read by now: they are in bronze, unless it was a dry run. */
  readonly replayed: number;
  /** Those that stay. */
  readonly left: number;
  readonly partitions: readonly {
    readonly epoch: number;
    readonly partition: number;
    readonly replayed: number;
  }[];
  readonly restarted: readonly Restarted[];
  readonly seconds: number;
}

/**
 * Reads every dead letter again by the manifest as it is now. Those that are good records go to bronze with the place that they
 * had in Kafka, and leave the dead letters: written to a branch of both tables, counted, and published as a run is. A record
 * that is in bronze is no dead letter any more, so a second call finds nothing to do, and one that was killed has done nothing,
 * or is finished by the next run.
 *
 * @param dryRun only counts
 */
export async function replay(workspace: Workspace, dryRun: boolean): Promise<ReplayResult> {
  const began = performance.now();
  await workspace.catalog.ping();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  const none = { partitions: [], restarted: [] };
  if (dryRun)
    return {
      ...(await look(workspace, await ensureTables(workspace.catalog, workspace.dataset))),
      ...none,
      seconds: seconds(),
    };
  return await exclusively(workspace, "run", async () => {
    const { catalog, dataset } = workspace;
    const tables = await finishPublication(workspace, await ensureTables(catalog, dataset));
    const found = await look(workspace, tables);
    if (found.replayed === 0) return { ...found, ...none, seconds: seconds() };
    const session = runSession(workspace);
    try {
      const { result, restarted } = await whileStopped(workspace, () => move(workspace, session));
      const { examined } = result;
      const replayed = result.partitions.reduce((sum, one) => sum + one.replayed, 0);
      return { ...result, replayed, left: examined - replayed, restarted, seconds: seconds() };
    } finally {
      await session.close();
    }
  });
}

/** How many there are, and how many of them can be read. */
async function look(
  workspace: Workspace,
  { dlq }: Tables,
): Promise<Pick<ReplayResult, "examined" | "replayed" | "left">> {
  if (dlq.current === undefined) return { examined: 0, replayed: 0, left: 0 };
  const { signal, dataset, report } = workspace;
  const { schema, notNull } = recordSchema(dataset);
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  report({ type: "step", text: "Reading the dead letters again" });
  const { rows } = await batchQuery(workspace, "pipectl reread", async (session) => {
    await session.execute(
      "CREATE TEMPORARY FUNCTION IF NOT EXISTS pipectl_parse AS 'io.pipectl.format.ParseRecord'",
      signal,
    );
    return await session.query(
      `SELECT COUNT(*), COUNT(*) FILTER (WHERE p.parse_error IS NULL)
       FROM ${readFrom(dataset.tables.dlq, {})} AS d,
         LATERAL TABLE(pipectl_parse(d.raw_value, ${literal(schema)}, ${literal(notNull)})) AS p`,
      1,
      signal,
    );
  });
  const [examined = 0, replayed = 0] = (rows[0] ?? []).map(Number);
  return { examined, replayed, left: examined - replayed };
}

async function move(
  workspace: Workspace,
  session: RunSession,
): Promise<Pick<ReplayResult, "examined" | "partitions">> {
  const { kafka, catalog, dataset, config, report } = workspace;
  const [topic, tables] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    ensureTables(catalog, dataset),
  ]);
  const { bronze, dlq } = tables;
  // What a stream has appended is counted first: its jobs end here.
  const { account } = await accountInForce(workspace, tables, topic, false);
  if (account === undefined || dlq.current === undefined) return { examined: 0, partitions: [] };
  const letters = dlq.current.id;
  report({ type: "step", text: "Replay: what can be read goes to bronze" });
  const branch = branchOf(session.run);
  session.open();
  const { work, partitions, examined } = await onBranch(workspace, [bronze, dlq], branch, async () => {
    await deleteDates(workspace, dlq, branch, "all");
    const context = sqlContext(config, dataset, workspace.runtime.inside, {
      ...{ run: session.run, branch, replayFrom: letters, batch: true },
    });
    const files = renderFiles(config.root, ["00_catalog", "01_source", "09_replay"], context);
    const paths = writeFiles(config.root, files);
    await session.prepare(files, paths);
    await runJob(workspace, await session.get(), {
      name: jobNames(dataset, session.run).replay,
      path: paths.get("09_replay") as string,
      sql: files.get("09_replay") as string,
    });
    const written = async (before: Tables["bronze"]) =>
      branchWork(before, (await catalog.table(before.id)) ?? before, branch);
    const work = { bronze: await written(bronze), dlq: await written(dlq) };
    return { work, ...(await audit(workspace, account, bronze.current?.id ?? null, work)) };
  });
  const { stream, ...rest } = account;
  const next: Account = {
    ...rest,
    run: session.run,
    partitions: withMoved(account.partitions, partitions),
    bronzeSnapshot: work.bronze.head,
    dlqSnapshot: work.dlq.head,
  };
  const properties = { [accountProperty]: JSON.stringify(next) };
  await publish(workspace, [bronze, dlq], branch, publication(bronze, work.bronze, branch, properties));
  await publishDeadLetters(workspace, publication(dlq, work.dlq, branch, {}));
  // No stream goes on from where it was: the account names the next offsets.
  await tidy(workspace, stream);
  return { examined, partitions: partitions.filter(({ replayed }) => replayed > 0) };
}

/**
 * Holds what is on the branches against the account: what bronze has more, the dead letters have less, in each partition.
 *
 * @throws PipectlError (failed) `audit_failed`
 */
async function audit(
  workspace: Workspace,
  account: Account,
  base: string | null,
  work: Readonly<Record<"bronze" | "dlq", BranchWork>>,
): Promise<Pick<ReplayResult, "examined" | "partitions">> {
  const heads = { bronze: work.bronze.head as string, dlq: work.dlq.head as string };
  const found = await countRows(workspace, [], {
    ...(heads.bronze === base ? {} : { bronze: appendedBetween(base, heads.bronze) }),
    dlq: asOf(heads.dlq),
  });
  const at = (line: { readonly epoch: number; readonly partition: number }) =>
    `${line.epoch}/${line.partition}`;
  const rows = new Map(found.map((line) => [at(line), line]));
  const partitions = account.partitions.map((line) => {
    const { bronze: replayed = 0, dlq: left = 0 } = rows.get(at(line)) ?? {};
    return { ...line, replayed, left };
  });
  const known = new Set(account.partitions.map(at));
  const wrong = [
    ...partitions
      .filter((line) => line.replayed + line.left !== line.dlq)
      .map(
        (line) =>
          `${partitionName(line)}: ${count(line.dlq)} dead letters, but ${count(line.replayed)} for bronze and ${count(line.left)} that stay`,
      ),
    ...found
      .filter((line) => !known.has(at(line)))
      .map((line) => `${partitionName(line)} is not in the account`),
  ];
  if (wrong.length > 0) {
    throw failed("audit_failed", `the rows do not add up; nothing was published:\n  ${wrong.join("\n  ")}`, {
      hint: "pipectl validate --deep",
    });
  }
  return {
    examined: account.partitions.reduce((sum, { dlq }) => sum + dlq, 0),
    partitions: partitions.map(({ epoch, partition, replayed }) => ({ epoch, partition, replayed })),
  };
}

/** The account with so many dead letters in bronze. Both lists have the same lines, in the same order. */
const withMoved = (
  lines: readonly PartitionAccount[],
  moved: ReplayResult["partitions"],
): PartitionAccount[] =>
  lines.map((line, at) => {
    const { replayed = 0 } = moved[at] ?? {};
    return { ...line, bronze: line.bronze + replayed, dlq: line.dlq - replayed };
  });
