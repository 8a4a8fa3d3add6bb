import { count } from "../core/format.js";
import { sum } from "../core/sum.js";
import type { Plan } from "../lake/ranges.js";
import type { Needs } from "../workspace/workspace.js";
import type { Account } from "./account.js";

/** Reports the losses that a plan accepts. The account will show them for ever. */
export function sayAccepted(
  { report, dataset }: Needs<"dataset" | "report">,
  account: Account | undefined,
  { ranges, incarnation }: Plan,
): void {
  const lost = sum(ranges.map((range) => range.lost));
  if (lost > 0)
    report({ type: "warning", text: `accepted as lost: ${count(lost)} records that Kafka removed` });
  if (account !== undefined && incarnation !== account.incarnation)
    report({ type: "warning", text: `incarnation ${incarnation} of ${dataset.topic} begins` });
}
