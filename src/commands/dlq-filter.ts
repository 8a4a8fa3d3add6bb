import type { CommandContext } from "./command.js";
import { number, text, type ValuesOf } from "./options.js";

/** Options that select dead letters. */
export const among = {
  reason: text("<reason>", "only this reason, as dlq lists it: tombstone, or field:NAME for one column"),
  partition: number("<p>", "only those of one partition of the topic", { min: 0, whole: true }),
};

/** The workspace, and the filter for the dead letters that the options select. */
export async function filtered(context: CommandContext, { reason, partition }: ValuesOf<typeof among>) {
  const { deadLetterFilter } = await import("../pipeline/dead-letters/reasons.js");
  const workspace = await context.workspace();
  return { workspace, filter: deadLetterFilter(workspace.dataset, reason, partition) };
}
