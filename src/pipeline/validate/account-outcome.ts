import { sum } from "../../core/sum.js";
import type { Verdict } from "../../core/verdict.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { asOf } from "../../lake/read-options.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import { isRemade, readAccount } from "../../ledger/account.js";
import { standings } from "../../ledger/anchors.js";
import type { Read } from "../../ledger/count-rows.js";
import { type Current, currentAccount, overdueMs, topicAndTables } from "../../ledger/current.js";
import type { Workspace } from "../../workspace/workspace.js";
import { linesOf, sums } from "./account-lines.js";
import { judge, onItsWay, remade, withStandings } from "./account-verdict.js";
import { withOpenTransactions } from "./open-transaction.js";
import type { Counts, PartitionLine } from "./result.js";
import { type SilverStanding, silverStanding } from "./silver-standing.js";
import { graceOf } from "./slow-stream.js";
import { totalsOf } from "./totals.js";

/** The account of every record, for the tables at one moment. */
export interface AccountOutcome {
  /** The verdict of the account alone, without silver. */
  readonly verdict: Verdict;
  readonly counts: Counts;
  readonly partitions: readonly PartitionLine[];
  /** Offsets that readers do not see yet, behind open transactions. */
  readonly held: number;
  /** The snapshots that the account is for. */
  readonly read: Read;
  /** True when a stream has written to these tables, and may still be writing. */
  readonly streams: boolean;
  readonly silver: SilverStanding;
}

/** Flink is asked only where records wait for longer than usual. */
const lateGrace = async (
  workspace: Workspace,
  { stuckMs, stream }: Current & { readonly stream: StreamMark },
) =>
  stream.stopped === undefined && stuckMs > overdueMs(workspace.config.values.CHECKPOINT_INTERVAL)
    ? await graceOf(workspace)
    : 0;

/**
 * Compares the account with the topic and the tables. Reads no row unless a stream's rows have to be counted: see
 * `currentAccount`.
 *
 * @throws PipectlError as `readAccount`, and when Kafka or the catalog does not answer
 */
export async function accountOutcome(workspace: Workspace): Promise<AccountOutcome> {
  const { kafka, dataset, config } = workspace;
  const { MODE, CONSUMER_GROUP } = config.values;
  // Read before the tables, because Flink commits its consumer group's offsets first.
  const committed =
    MODE === "batch" ? new Map() : await kafka.committedOffsets(CONSUMER_GROUP, dataset.topic);
  const { topic, tables, stream } = await topicAndTables(workspace);
  const { bronze, dlq } = tables;
  const current =
    stream === undefined
      ? undefined
      : { stream, ...(await currentAccount(workspace, tables, topic, committed)) };
  const account = current === undefined ? readAccount(bronze, dlq) : current.account;
  const partitions = linesOf(topic, account);
  const counts = { ...sums(partitions), silver: totalRecords(tables.silver?.current) };
  const judged =
    account !== undefined && isRemade(account, topic)
      ? remade(dataset.topic, account)
      : judge(counts, partitions, account, bronze, await totalsOf(workspace, tables));
  const landing =
    current !== undefined && judged.status === "warn" && counts.notLanded > 0
      ? onItsWay(judged, current, config.values, await lateGrace(workspace, current))
      : judged;
  const [found, open] = await Promise.all([
    account === undefined || isRemade(account, topic) ? [] : standings(workspace, topic, account),
    kafka.openTransactions(dataset.topic, topic.partitions),
  ]);
  const held = withOpenTransactions(
    landing,
    counts.produced,
    open,
    overdueMs(config.values.CHECKPOINT_INTERVAL),
  );
  const verdict = withStandings(held, dataset.topic, found);
  return {
    verdict,
    counts,
    partitions,
    held: sum(open.map(({ waiting }) => waiting)),
    streams: current !== undefined,
    silver: silverStanding(tables, dataset, current !== undefined && MODE !== "batch"),
    read: {
      ...(bronze?.current === undefined ? {} : { bronze: asOf(bronze.current.id) }),
      ...(dlq?.current === undefined ? {} : { dlq: asOf(dlq.current.id) }),
    },
  };
}
