import type { Config } from "../../config/load.js";
import { count, duration } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf, isAppend } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Account } from "../../ledger/account.js";
import type { Standing } from "../../ledger/anchors.js";
import { type Current, overdueMs } from "../../ledger/current.js";
import { divergence } from "../../ledger/plan.js";
import type { Counts, PartitionLine } from "./result.js";

/**
 * The account's verdict, without regard to records that a stream is about to land. Pure.
 *
 * @param totals rows that readers see: see `totalsOf`
 */
export function judge(
  counts: Counts,
  partitions: readonly PartitionLine[],
  account: Account | undefined,
  bronze: Table | undefined,
  totals: Readonly<Record<"bronze" | "dlq", number>>,
): Verdict {
  const { produced, bronze: inBronze, dlq: inDlq, notLanded, withoutRecord } = counts;
  const accepted = (account?.partitions ?? []).reduce((total, line) => total + line.lost, 0);
  const foreign = (account?.partitions ?? []).reduce((total, line) => total + (line.foreign ?? 0), 0);
  const lost = counts.lost - accepted;
  const sum =
    `${count(produced)} produced = ${count(inBronze)} bronze + ${count(inDlq)} dead letters` +
    (withoutRecord > 0 ? ` + ${count(withoutRecord)} without record` : "") +
    (counts.skipped > 0 ? ` + ${count(counts.skipped)} skipped on purpose` : "") +
    (accepted > 0 ? ` + ${count(accepted)} accepted as lost` : "") +
    (foreign > 0 ? ` (${count(foreign)} of them not written by pipectl, accepted)` : "");
  const wrong = partitions.filter((line) => line.unaccounted !== 0 || line.notLanded < 0);
  if (wrong.length > 0) {
    const lines = wrong.map(
      (line) =>
        `partition ${line.partition}: ${count(line.produced)} produced, ${count(line.bronze)} bronze, ` +
        `${count(line.dlq)} dead letters, ${count(line.unaccounted)} unaccounted for` +
        (line.notLanded < 0 ? `; the topic ends at ${line.end}, before what has landed` : ""),
    );
    const shrunk = wrong.some((line) => line.notLanded < 0);
    const hint = shrunk ? "pipectl process says what can be done" : "pipectl repair";
    return { status: "fail", detail: lines.join("; "), hint };
  }
  // Two independent counts: the account's totals, and Iceberg's own row counts of the tables.
  if (totals.bronze !== inBronze || totals.dlq !== inDlq) {
    return {
      status: "fail",
      detail: `the account says ${count(inBronze)} bronze and ${count(inDlq)} dead letters, Iceberg counts ${count(totals.bronze)} and ${count(totals.dlq)}`,
      hint: "pipectl repair",
    };
  }
  if (lost > 0) {
    return {
      status: "fail",
      detail: `${sum} + ${count(lost)} removed by Kafka before they landed`,
      hint: "pipectl process --accept-loss continues without them",
    };
  }
  if (produced === 0) {
    return { status: "warn", detail: "the topic is empty", hint: "pipectl generate-limited" };
  }
  if (account === undefined || hasOnlyBegun(account)) {
    return {
      status: "fail",
      detail: `${count(produced)} produced, nothing has landed`,
      hint: "pipectl process",
    };
  }
  // Compactions land no rows, so only appends count.
  const last = bronze === undefined ? undefined : ancestorsOf(bronze).find(isAppend);
  const age = last === undefined ? "" : `, last landed ${duration(Date.now() - last.timestampMs)} ago`;
  if (notLanded > 0) {
    return {
      status: "warn",
      detail: `${sum} + ${count(notLanded)} not yet landed${age}`,
      hint: "pipectl process",
    };
  }
  return { status: "pass", detail: `${sum}${age}` };
}

/** The verdict when a stream's rows could not be counted, though offsets of the topic may hold no record. Pure. */
export function uncounted(verdict: Verdict): Verdict {
  const detail = `${verdict.detail}; offsets of the topic may hold no record, and the stream's rows could not be counted in time`;
  return verdict.status === "fail"
    ? verdict
    : { status: "warn", detail, hint: "pipectl validate --deep knows whether each record has landed once" };
}

/** True when the first run, which recorded where it begins, has published nothing. */
const hasOnlyBegun = ({ partitions, stream }: Account) =>
  stream === undefined && partitions.every(({ first, next }) => next === first);

/** The verdict on what Kafka has at the account's anchors; the account's own where it is the same. Pure. */
export function withStandings(verdict: Verdict, topic: string, found: readonly Standing[]): Verdict {
  const other = found.flatMap((one) =>
    one.differs === undefined ? [] : [divergence({ ...one, differs: one.differs })],
  );
  if (other.length > 0) {
    return {
      status: "fail",
      detail: `topic ${topic} has other records than those that have landed: ${other.join("; ")}`,
      hint: "pipectl process says what can be done; where a stream runs, first: pipectl stop --cancel",
    };
  }
  const gone = found.filter((one) => one.gone).map(({ partition }) => partition);
  if (gone.length === 0) return verdict;
  const detail = `${verdict.detail}; not comparable: Kafka has none of the records any more by which partition ${gone.join(", ")} is recognised`;
  return { ...verdict, detail };
}

/** The verdict when the topic is not the one of the account. */
export function remade(topic: string, account: Account): Verdict {
  if (account.stream !== undefined && account.stream.stopped === undefined) {
    return {
      status: "fail",
      detail: `topic ${topic} was deleted and made again while a stream read it; its job may have taken records of both into one incarnation`,
      hint: "pipectl stop --cancel, then pipectl process: where it says rows_doubled, set the tables back to before",
    };
  }
  return {
    status: "fail",
    detail: `topic ${topic} was deleted and made again; nothing of the new one has landed`,
    hint: `pipectl process --accept-loss takes it as incarnation ${account.incarnation + 1}`,
  };
}

/**
 * While a stream runs, records that have not landed are on their way. If that takes longer than a checkpoint should, the job
 * commits nothing, however good its checkpoints look.
 *
 * @param graceMs how much longer they may wait: see `graceOf`
 */
export function onItsWay(
  verdict: Verdict,
  { stream, stuckMs, broken, unproven }: Current & { readonly stream: StreamMark },
  { MODE, CHECKPOINT_INTERVAL }: Config["values"],
  graceMs = 0,
): Verdict {
  if (broken) {
    return {
      ...verdict,
      status: "fail",
      detail: `${verdict.detail}; the stream has skipped offsets, or has ingested some twice`,
      hint: "pipectl repair counts every row, and ingests the missing records",
    };
  }
  if (stream.stopped !== undefined)
    return { ...verdict, hint: MODE === "batch" ? "pipectl process" : "pipectl process-streaming" };
  if (stuckMs <= overdueMs(CHECKPOINT_INTERVAL) + graceMs) return { ...verdict, status: "pass" };
  // Offsets without a record look like records that wait. Only a count of the rows tells the two apart.
  if (unproven === true) {
    const detail = `${verdict.detail}; nothing of it has landed for ${duration(stuckMs)}, and Flink could not count the rows in time`;
    return { ...verdict, status: "unknown", detail, hint: "pipectl jobs" };
  }
  return {
    ...verdict,
    status: "fail",
    detail: `${verdict.detail}; nothing of it has landed for ${duration(stuckMs)}`,
    hint: "pipectl jobs; pipectl logs taskmanager",
  };
}
