import type { CommandContext } from "./command.js";
import { number, text, type ValuesOf } from "./options.js";

/** Which of the dead letters a command is about. */
export const among = {
  reason: text("<reason>", "only these, as dlq lists them: tombstone, or field:NAME of one column"),
  partition: number("<p>", "only those of one partition of the topic", { min: 0, whole: true }),
};

/** The workspace, and which of the dead letters the options name. */
export async function filtered(context: CommandContext, { reason, partition }: ValuesOf<typeof among>) {
  const { deadLetterFilter } = await import("../pipeline/dead-letters/reasons.js");
  const workspace = await context.workspace();
  return { workspace, filter: deadLetterFilter(workspace.dataset, reason, partition) };
}
