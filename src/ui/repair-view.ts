import { count, duration, joined, plural } from "../core/format.js";
import type { RepairPlan, RepairResult } from "../pipeline/repair/repair.js";

/** What a repair will do, shown before the question. */
export function repairPlanView({ findings, streams, gone, looksAgain }: RepairPlan): string {
  const stops =
    streams.length === 0
      ? []
      : [
          `the ${streams.length === 1 ? "stream" : "streams"} of ${joined(streams, "and")} will be stopped meanwhile, and begun anew`,
        ];
  return [
    ...findings.map(({ table, detail, action }) =>
      [`${table === null ? "" : `${table}: `}${detail}`, `-> ${action}`].join("\n  "),
    ),
    ...stops,
    ...(gone > 0
      ? [`Kafka no longer has up to ${plural(gone, "record")} of that: the account will show them as lost`]
      : []),
    ...(looksAgain ? ["what cannot be read may hide more: afterwards it looks again"] : []),
  ].join("\n");
}

/** The outcome. */
export function repairView(result: RepairResult, dryRun: boolean): string {
  const { findings, done, seconds } = result;
  if (findings.length === 0)
    return "nothing to repair: every file can be read, and every row is accounted for";
  if (dryRun) return `${repairPlanView(result)}\nnothing was changed`;
  if (!done) return "nothing was changed";
  return `${count(findings.length)} repaired in ${duration(seconds * 1000)}: pipectl validate --deep`;
}
