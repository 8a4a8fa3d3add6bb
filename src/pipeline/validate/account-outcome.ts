import { sum } from "../../core/sum.js";
import type { Verdict } from "../../core/verdict.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { asOf } from "../../lake/read-options.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import { type Account, isRemade, readAccount, recordedAccount } from "../../ledger/account.js";
import { standings } from "../../ledger/anchors.js";
import type { Read } from "../../ledger/count-rows.js";
import { type Current, currentAccount, overdueMs, topicAndTables } from "../../ledger/current.js";
import type { Workspace } from "../../workspace/workspace.js";
import { linesOf, sums } from "./account-lines.js";
import { judge, onItsWay, remade, uncounted, withStandings } from "./account-verdict.js";
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
  /** The account as it was recorded, without what a stream has appended since. */
  readonly recorded: Account | undefined;
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

/** A look at the tables, again while it seems that a stream has committed to one of them and not yet to the other. */
async function settledLook(workspace: Workspace, strict: boolean) {
  let seen = await look(workspace, strict);
  for (let again = 1; again < 3 && strict && seen.current?.broken === true; again++)
    seen = await look(workspace, strict);
  return seen;
}

async function look(workspace: Workspace, strict: boolean) {
  const { kafka, dataset, config } = workspace;
  const { MODE, CONSUMER_GROUP } = config.values;
  // Read before the tables, because Flink commits its consumer group's offsets first.
  const committed =
    MODE === "batch" ? new Map() : await kafka.committedOffsets(CONSUMER_GROUP, dataset.topic);
  const { topic, tables, stream } = await topicAndTables(workspace);
  const current =
    stream === undefined
      ? undefined
      : { stream, ...(await currentAccount(workspace, tables, topic, committed, strict)) };
  return { topic, tables, current };
}

/**
 * Compares the account with the topic and the tables. Reads no row unless a stream's rows have to be counted: see
 * `currentAccount`.
 *
 * @param strict counts a stream's rows also where offsets may hold no record; false for a look that only waits
 * @throws PipectlError as `readAccount`, and when Kafka or the catalog does not answer
 */
export async function accountOutcome(workspace: Workspace, strict = true): Promise<AccountOutcome> {
  const { kafka, dataset, config } = workspace;
  const { MODE } = config.values;
  const { topic, tables, current } = await settledLook(workspace, strict);
  const { bronze, dlq } = tables;
  const account = current === undefined ? readAccount(bronze, dlq) : current.account;
  const partitions = linesOf(topic, account);
  const counts = { ...sums(partitions), silver: totalRecords(tables.silver?.current) };
  const judged =
    account !== undefined && isRemade(account, topic)
      ? remade(dataset.topic, account)
      : judge(counts, partitions, account, bronze, await totalsOf(workspace, tables));
  const moves = current?.broken === true || (judged.status === "warn" && counts.notLanded > 0);
  const onWay =
    current !== undefined && moves && judged.status !== "fail"
      ? onItsWay(judged, current, config.values, await lateGrace(workspace, current))
      : judged;
  const landing = current?.uncounted === true ? uncounted(onWay) : onWay;
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
    recorded: recordedAccount(bronze),
    streams: current !== undefined,
    silver: silverStanding(tables, dataset, current !== undefined && MODE !== "batch"),
    read: {
      ...(bronze?.current === undefined ? {} : { bronze: asOf(bronze.current.id) }),
      ...(dlq?.current === undefined ? {} : { dlq: asOf(dlq.current.id) }),
    },
  };
}
