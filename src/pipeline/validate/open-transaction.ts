import { count, duration, plural } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import type { OpenTransaction } from "../../kafka/open-transactions.js";

/** What a transaction holds back, in words. */
export const openTransactionText = ({
  partition,
  producerId,
  offset,
  timestampMs,
  waiting,
}: OpenTransaction): string =>
  `an open transaction of producer ${producerId} holds partition ${partition} back at offset ${count(offset)} ` +
  `since ${duration(Math.max(0, Date.now() - timestampMs))}: ${plural(waiting, "offset waits", "offsets wait")} behind it`;

/**
 * The account's verdict, with the transactions that hold the topic back: readers see nothing behind them. One that has been open
 * for long is a warning. Pure.
 *
 * @param patienceMs how long a transaction may be open
 */
export function withOpenTransactions(
  verdict: Verdict,
  produced: number,
  open: readonly OpenTransaction[],
  patienceMs: number,
): Verdict {
  if (open.length === 0) return verdict;
  const seen = produced === 0 && verdict.status === "warn" ? "no record can be read yet" : verdict.detail;
  const detail = [seen, ...open.map(openTransactionText)].join("; ");
  const isLong = open.some(({ timestampMs }) => Date.now() - timestampMs > patienceMs);
  if (verdict.status !== "pass" || !isLong) return { ...verdict, detail };
  const hint =
    "end it in the producer; Kafka aborts it after the producer's transaction.timeout.ms, or by: kafka-transactions.sh abort";
  return { status: "warn", detail, hint };
}
