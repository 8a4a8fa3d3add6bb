import { z } from "zod";
import { recordCodec, unlessDamaged } from "../core/record-codec.js";
import type { Table } from "../iceberg/catalog.js";
import type { Plan } from "../lake/ranges.js";
import { countShape } from "../lake/record-shapes.js";
import type { Needs } from "../workspace/workspace.js";

/**
 * Which topic a table's rows are of. It stands on bronze and on the dead letters, beside the account: where another program has
 * made bronze anew, without its properties, the rows of a topic that was made again since would pass for those of the new one.
 */
export interface TopicMark {
  readonly version: 1;
  /** Kafka's id of the topic. */
  readonly topicId: string;
  readonly incarnation: number;
}

export const topicProperty = "pipectl.topic";

const codec = recordCodec<TopicMark>(
  "the topic's mark",
  { 1: z.looseObject({ version: z.literal(1), topicId: z.string(), incarnation: countShape }) },
  { code: "account_untrusted", hint: "pipectl process writes it again" },
);

/** @throws PipectlError (failed) `account_untrusted` when it is damaged, `state_newer` when a newer pipectl wrote it */
export function recordedTopic({ id, properties }: Table): TopicMark | undefined {
  const text = properties[topicProperty];
  return text === undefined ? undefined : codec.decode(text, `${id.namespace}.${id.table}`);
}

/** The property of a table that holds the mark. */
export const topicIn = (mark: TopicMark): Readonly<Record<string, string>> => ({
  [topicProperty]: codec.encode(mark),
});

/** The topic of the newest rows that the tables may have, as their marks say; undefined when neither has one that can be read. */
export function markedTopic(tables: readonly Table[]): TopicMark | undefined {
  const marks = tables.flatMap((table) => unlessDamaged(() => recordedTopic(table)) ?? []);
  return marks.sort((a, b) => b.incarnation - a.incarnation)[0];
}

/** Writes the mark on the tables that lack it, before a run writes rows of that topic. A broker without ids has none. */
export async function markTopic(
  { catalog }: Needs<"catalog">,
  tables: readonly Table[],
  { topicId, incarnation }: Pick<Plan, "topicId" | "incarnation">,
): Promise<void> {
  if (topicId === null) return;
  for (const table of tables) {
    const mark = unlessDamaged(() => recordedTopic(table));
    if (mark?.topicId === topicId && mark.incarnation === incarnation) continue;
    await catalog.commit({
      id: table.id,
      assertRefs: { main: table.current?.id ?? null },
      setProperties: topicIn({ ...mark, version: 1, topicId, incarnation }),
    });
  }
}
