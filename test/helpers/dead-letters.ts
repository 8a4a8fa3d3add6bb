import type { DeadLetterGroup } from "../../src/pipeline/dead-letters/reasons.js";

export const deadLetterGroup = (more: Partial<DeadLetterGroup> = {}): DeadLetterGroup => ({
  ...{ incarnation: 0, partition: 0, reason: "empty", field: null, acceptance: null, count: 1 },
  ...{ first: "2026-01-31T12:00:00.000Z", last: "2026-01-31T12:00:01.000Z" },
  newest: { offset: 9, error: "empty: zero bytes" },
  ...more,
});

/** A group as the query has it. */
export const groupRow = (group: DeadLetterGroup): unknown[] => [
  ...[group.incarnation, group.partition, group.reason, group.field, group.acceptance ?? -1, group.count],
  ...[group.first, group.last].map((at) => at.replace("T", " ").replace("Z", "000")),
  `${String(group.newest.offset).padStart(19, "0")}${group.newest.error}`,
];
