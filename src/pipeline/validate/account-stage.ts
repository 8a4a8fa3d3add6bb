import type { Config } from "../../config/load.js";
import { count, duration } from "../../core/format.js";
import type { Dataset } from "../../dataset/types.js";
import { type Table, totalRecords } from "../../iceberg/catalog.js";
import type { TopicOffsets } from "../../kafka/offsets.js";
import { ancestorsOf, isAppend, sameRows } from "../../lake/lineage.js";
import { asOf } from "../../lake/read-options.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, isRemade, progressOf, readAccount } from "../../ledger/account.js";
import type { Read } from "../../ledger/count-rows.js";
import { type Current, currentAccount, overdueMs, topicAndTables } from "../../ledger/current.js";
import { damagedRecords } from "../../ledger/records.js";
import { trustedState } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Counts, PartitionLine, Stage } from "./result.js";

export interface AccountOutcome {
  readonly stage: Stage;
  /** Null when the account could not be drawn up. */
  readonly counts: Counts | null;
  readonly partitions: readonly PartitionLine[];
  /** The snapshots that it was drawn up for. */
  readonly read: Read;
  /** True when a stream has written to them, and may be writing. */
  readonly streams: boolean;
}

const base = { stage: 3, name: "Account of every record" };

/**
 * Stage 3: for each partition, produced = bronze + dead letters + what is named otherwise, and nothing is left over.
 * From the topic's offsets and the positions and totals committed with the tables' snapshots: no row is read.
 */
export async function accountStage(workspace: Workspace): Promise<AccountOutcome> {
  const { kafka, dataset, config } = workspace;
  const { MODE, CONSUMER_GROUP } = config.values;
  // Before the tables: Flink commits its consumer group's offsets first.
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
      : judge(counts, partitions, account, bronze, dlq);
  const stage =
    current !== undefined && judged.status === "warn" && counts.notLanded > 0
      ? onItsWay(judged, current, config.values)
      : judged;
  const live = current !== undefined && MODE !== "batch";
  return {
    stage: stage.status === "pass" ? withSilver(stage, tables, dataset, live) : stage,
    counts,
    partitions,
    streams: current !== undefined,
    read: {
      ...(bronze?.current === undefined ? {} : { bronze: asOf(bronze.current.id) }),
      ...(dlq?.current === undefined ? {} : { dlq: asOf(dlq.current.id) }),
    },
  };
}

/**
 * What has not landed is on its way while a stream runs, unless it has been for longer than a checkpoint takes: then the
 * job commits nothing, however good its checkpoints look.
 */
function onItsWay(
  stage: Stage,
  { stream, stuckMs, broken }: Current & { readonly stream: StreamMark },
  { MODE, CHECKPOINT_INTERVAL }: Config["values"],
): Stage {
  if (broken) {
    return {
      ...stage,
      status: "fail",
      detail: `${stage.detail}; the stream has left offsets out, or has taken some twice`,
      hint: "pipectl stop, then: pipectl process counts every row, and takes what is missing",
    };
  }
  if (stream.stopped !== undefined)
    return { ...stage, hint: MODE === "batch" ? "pipectl process" : "pipectl process-streaming" };
  if (stuckMs <= overdueMs(CHECKPOINT_INTERVAL)) return { ...stage, status: "pass" };
  return {
    ...stage,
    status: "fail",
    detail: `${stage.detail}; nothing of it has landed for ${duration(stuckMs)}`,
    hint: "pipectl jobs; pipectl logs taskmanager",
  };
}

/** Every partition of every incarnation: those that are over as they were left, and the topic as it is now. */
function linesOf(topic: TopicOffsets, account: Account | undefined): PartitionLine[] {
  const incarnation =
    account === undefined ? 0 : isRemade(account, topic) ? account.incarnation + 1 : account.incarnation;
  const over = (account?.partitions ?? []).filter((line) => line.incarnation !== incarnation);
  return [
    ...over.map((line) => balance({ ...line, end: line.next, notLanded: 0 })),
    ...topic.partitions.map((offsets) => {
      const { partition, end } = offsets;
      // What is gone before it landed: `process` refuses to go on in silence.
      const { landed, first, next, removed } = progressOf(account, topic, offsets);
      return balance({
        incarnation,
        partition,
        first,
        next,
        end,
        bronze: landed?.bronze ?? 0,
        dlq: landed?.dlq ?? 0,
        withoutRecord: landed?.withoutRecord ?? 0,
        skipped: landed?.skipped ?? 0,
        lost: (landed?.lost ?? 0) + removed,
        notLanded: end - next - removed,
      });
    }),
  ];
}

function balance(line: Omit<PartitionLine, "produced" | "unaccounted">): PartitionLine {
  const { incarnation, partition, first, next, end, bronze, dlq, notLanded, withoutRecord, skipped, lost } =
    line;
  const produced = end - first;
  const unaccounted = produced - bronze - dlq - notLanded - withoutRecord - skipped - lost;
  return {
    ...{ incarnation, partition, first, next, end, produced, bronze, dlq, notLanded, withoutRecord },
    ...{ skipped, lost, unaccounted },
  };
}

function remade(topic: string, account: Account): Stage {
  if (account.stream !== undefined && account.stream.stopped === undefined) {
    return {
      ...base,
      status: "fail",
      detail: `topic ${topic} was deleted and made again while a stream read it; its job may have taken records of both into one incarnation`,
      hint: "pipectl stop --cancel, then pipectl process: where it says rows_doubled, set the tables back to before",
    };
  }
  return {
    ...base,
    status: "fail",
    detail: `topic ${topic} was deleted and made again; nothing of the new one has landed`,
    hint: `pipectl process --accept-loss takes it as incarnation ${account.incarnation + 1}`,
  };
}

/** An exact bronze does not make silver current: `process-bronze` leaves it behind on purpose. */
function withSilver(
  stage: Stage,
  { bronze, silver }: Partial<Tables>,
  dataset: Dataset,
  live: boolean,
): Stage {
  const [damage] = damagedRecords(silver === undefined ? {} : { silver });
  if (damage !== undefined) {
    const detail = `${stage.detail}; ${damage.message}`;
    return { ...stage, status: "fail", detail, ...(damage.hint === undefined ? {} : { hint: damage.hint }) };
  }
  const state = silver === undefined ? undefined : trustedState(silver, dataset);
  // How far a stream is only its job knows, and `--deep`.
  if (live && state?.stream !== undefined && state.stream.stopped === undefined)
    return { ...stage, detail: `${stage.detail}; silver follows bronze` };
  if (bronze?.current === undefined || (state !== undefined && sameRows(bronze, state.bronzeSnapshot)))
    return stage;
  return {
    ...stage,
    // A stream is ahead of silver all the time.
    status: live ? "pass" : "warn",
    detail: `${stage.detail}; silver is behind bronze`,
    hint: "pipectl process-silver",
  };
}

function judge(
  counts: Counts,
  partitions: readonly PartitionLine[],
  account: Account | undefined,
  bronze: Table | undefined,
  dlq: Table | undefined,
): Stage {
  const { produced, bronze: inBronze, dlq: inDlq, notLanded, withoutRecord } = counts;
  const accepted = (account?.partitions ?? []).reduce((total, line) => total + line.lost, 0);
  const lost = counts.lost - accepted;
  const sum =
    `${count(produced)} produced = ${count(inBronze)} bronze + ${count(inDlq)} dead letters` +
    (withoutRecord > 0 ? ` + ${count(withoutRecord)} without record` : "") +
    (counts.skipped > 0 ? ` + ${count(counts.skipped)} skipped on purpose` : "") +
    (accepted > 0 ? ` + ${count(accepted)} accepted as lost` : "");
  const wrong = partitions.filter((line) => line.unaccounted !== 0 || line.notLanded < 0);
  if (wrong.length > 0) {
    const lines = wrong.map(
      (line) =>
        `partition ${line.partition}: ${count(line.produced)} produced, ${count(line.bronze)} bronze, ` +
        `${count(line.dlq)} dead letters, ${count(line.unaccounted)} unaccounted for` +
        (line.notLanded < 0 ? `; the topic ends at ${line.end}, before what has landed` : ""),
    );
    const shrunk = wrong.some((line) => line.notLanded < 0);
    const hint = shrunk ? "pipectl process says what can be done" : "pipectl validate --deep";
    return { ...base, status: "fail", detail: lines.join("; "), hint };
  }
  // Two records of the same fact, kept apart: the account's totals, and Iceberg's own count of the table's rows.
  const totals = { bronze: totalRecords(bronze?.current), dlq: totalRecords(dlq?.current) };
  if (totals.bronze !== inBronze || totals.dlq !== inDlq) {
    return {
      ...base,
      status: "fail",
      detail: `the account says ${count(inBronze)} bronze and ${count(inDlq)} dead letters, Iceberg counts ${count(totals.bronze)} and ${count(totals.dlq)}`,
      hint: "pipectl validate --deep",
    };
  }
  if (lost > 0) {
    return {
      ...base,
      status: "fail",
      detail: `${sum} + ${count(lost)} removed by Kafka before they landed`,
      hint: "pipectl process --accept-loss goes on without them",
    };
  }
  if (produced === 0) {
    return { ...base, status: "warn", detail: "the topic is empty", hint: "pipectl generate-limited" };
  }
  if (account === undefined) {
    return {
      ...base,
      status: "fail",
      detail: `${count(produced)} produced, nothing has landed`,
      hint: "pipectl process",
    };
  }
  // A compaction brings nothing.
  const last = bronze === undefined ? undefined : ancestorsOf(bronze).find(isAppend);
  const age = last === undefined ? "" : `, last landed ${duration(Date.now() - last.timestampMs)} ago`;
  if (notLanded > 0) {
    return {
      ...base,
      status: "warn",
      detail: `${sum} + ${count(notLanded)} not yet landed${age}`,
      hint: "pipectl process",
    };
  }
  return { ...base, status: "pass", detail: `${sum}${age}` };
}

function sums(lines: readonly PartitionLine[]): Omit<Counts, "silver"> {
  const sum = (pick: (line: PartitionLine) => number) => lines.reduce((total, line) => total + pick(line), 0);
  return {
    produced: sum((line) => line.produced),
    bronze: sum((line) => line.bronze),
    dlq: sum((line) => line.dlq),
    notLanded: sum((line) => line.notLanded),
    withoutRecord: sum((line) => line.withoutRecord),
    skipped: sum((line) => line.skipped),
    lost: sum((line) => line.lost),
    unaccounted: sum((line) => line.unaccounted),
  };
}
