import type { ChalkInstance } from "chalk";
import { count, duration } from "../core/format.js";
import type { BenchmarkResult } from "../pipeline/tour/benchmark.js";
import type { DemoResult } from "../pipeline/tour/demo.js";
import { table } from "./table.js";
import { validateView } from "./validate-view.js";
import { ledgerView, processView } from "./views.js";

/** The demo's result: the ledger, the jobs, the proof, and a picture of the data. */
export function demoView(result: DemoResult, chalk: ChalkInstance): string {
  return [
    ledgerView(result.ledger),
    "",
    processView(result.process),
    "",
    validateView(result.validation, chalk),
    "",
    "Rows of silver by hour of the day",
    chart(result.byHour.map(({ hour, rows }) => [String(hour).padStart(2, "0"), rows])),
    "",
    `All of it in ${duration(result.seconds * 1000)}. What next:`,
    `  the Flink dashboard                 ${result.dashboard}`,
    `  look at the data                    pipectl query "SELECT * FROM ${result.tables.silver}" --limit 5`,
    "  look at the dead letters            pipectl dlq",
    "  make a dataset of your own file     pipectl dataset infer FILE --name NAME",
    "  stop (the data stays)               pipectl down",
  ].join("\n");
}

/** A bar for each label, the longest 40 characters. */
function chart(bars: readonly (readonly [label: string, value: number])[]): string {
  const most = Math.max(1, ...bars.map(([, value]) => value));
  const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
  return bars
    .map(([label, value]) => {
      const length = Math.round((value / most) * 40 * 8);
      return `  ${label} ${"█".repeat(Math.floor(length / 8))}${eighths[length % 8]} ${count(value)}`;
    })
    .join("\n");
}

export function benchmarkView(result: BenchmarkResult): string {
  const rows = result.steps.map(({ step, seconds, records }) => [
    step,
    seconds.toFixed(2),
    records === null ? "" : count(records),
    records === null ? "" : count(Math.round(records / seconds)),
  ]);
  const columns = ["STEP", "SECONDS", "RECORDS", "PER SECOND"].map((title, i) => ({ title, right: i > 0 }));
  return `${table(columns, rows)}\nkept in ${result.file}`;
}
