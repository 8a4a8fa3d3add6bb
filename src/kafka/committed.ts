import type { Batch } from "./batches.js";
import type { Aborted } from "./fetch.js";

/**
 * The batches of a Fetch response without markers and without those of aborted transactions. Pure.
 *
 * @param aborted the transactions of these offsets that were aborted, as the response names them
 */
export function committedOf(batches: readonly Batch[], aborted: readonly Aborted[]): Batch[] {
  const waiting = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  /** Producers whose transaction, at this offset, is one that was aborted. */
  const within = new Set<bigint>();
  return batches.filter(({ last, producerId, isControl, isTransactional }) => {
    for (let [next] = waiting; next !== undefined && next.firstOffset <= last; [next] = waiting) {
      within.add(next.producerId);
      waiting.shift();
    }
    // The marker ends the producer's transaction, however it ended.
    if (isControl) within.delete(producerId);
    return !isControl && !(isTransactional && within.has(producerId));
  });
}
