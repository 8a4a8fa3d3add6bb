import type { Anchor, Range } from "../lake/ranges.js";

/** An account is a property of a table, which every reader loads: a topic with many partitions has fewer for each. */
const most = (partitions: number) => Math.max(2, Math.min(8, Math.floor(200 / Math.max(1, partitions))));

/**
 * The anchors of the account after a run: those before its ranges, as long as the topic is the same, and the new ones. Pure.
 *
 * @param ranges one for each partition; from its start on, Kafka is read again
 */
export function keptAnchors(
  account: { readonly topicId: string | null; readonly anchors?: readonly Anchor[] } | undefined,
  topicId: string | null,
  ranges: readonly Pick<Range, "partition" | "start">[],
  fresh: readonly Anchor[] = [],
): { readonly anchors?: readonly Anchor[] } {
  const before = account?.topicId === topicId ? (account?.anchors ?? []) : [];
  const anchors = ranges.flatMap(({ partition, start }) => {
    const old = before.filter((anchor) => anchor.partition === partition && anchor.offset < start);
    return thinned(
      [...old, ...fresh.filter((anchor) => anchor.partition === partition)],
      most(ranges.length),
    );
  });
  return anchors.length === 0 ? {} : { anchors };
}

/**
 * At most so many of a partition's anchors: the oldest and the newest, and between them the closer to the end the denser, because a
 * copy that is restored is more likely a young one. Pure.
 */
export function thinned(anchors: readonly Anchor[], limit: number): Anchor[] {
  const sorted = [...new Map(anchors.map((anchor) => [anchor.offset, anchor])).values()];
  sorted.sort((a, b) => a.offset - b.offset);
  while (sorted.length > limit) {
    const end = (sorted.at(-1) as Anchor).offset + 1;
    const gap = (i: number) => {
      const [before, after] = [sorted[i - 1] as Anchor, sorted[i + 1] as Anchor];
      return (after.offset - before.offset) / (end - before.offset);
    };
    let least = 1;
    for (let i = 2; i < sorted.length - 1; i++) if (gap(i) < gap(least)) least = i;
    sorted.splice(least, 1);
  }
  return sorted;
}
