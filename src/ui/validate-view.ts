import type { ChalkInstance } from "chalk";
import { count } from "../core/format.js";
import type { RuleOutcome } from "../pipeline/quality/check-rules.js";
import type { Counts, ValidateResult } from "../pipeline/validate/result.js";
import { printable } from "./printable.js";
import { table } from "./table.js";

/** `[Stage 2] Flink job state ......... PASS (2 FINISHED, 0 restarts)`, and the account under it. */
export function validateView(result: ValidateResult, chalk: ChalkInstance): string {
  const paint = { pass: chalk.green, warn: chalk.yellow, unknown: chalk.magenta, fail: chalk.red };
  const width = 36;
  const lines = result.stages.flatMap(({ stage, name, status, detail, hint }) => {
    const dots = ".".repeat(Math.max(3, width - name.length));
    const first = `[Stage ${stage}] ${name} ${chalk.dim(dots)} ${paint[status](status.toUpperCase())} (${detail})`;
    return status === "pass" || hint === undefined ? [first] : [first, `          try: ${hint}`];
  });
  if (result.partitions.length > 0) lines.push("", accountTable(result));
  const broken = (result.quality ?? []).filter(({ status }) => status !== "pass");
  if (broken.length > 0) lines.push("", ...broken.flatMap((rule) => brokenRule(rule, paint[rule.status])));
  lines.push("", `${paint[result.status](result.status.toUpperCase())} (MODE=${result.mode})`);
  return lines.join("\n");
}

/** A rule that rows break, or that keeps rows out of silver, followed by some of these rows. */
function brokenRule(
  { name, status, failed, checked, quarantined, samples }: RuleOutcome,
  paint: (text: string) => string,
): string[] {
  const rows = samples.map((sample) =>
    Object.entries(sample)
      .map(([column, value]) => `${column}=${value === null ? "NULL" : printable(value)}`)
      .join("  "),
  );
  return [
    `${paint(status.toUpperCase())} ${name}: ${count(failed)} of ${count(checked)}${quarantined === undefined ? "" : " kept out of silver"}`,
    ...rows.map((row) => `  ${row}`),
  ];
}

export function accountTable(result: Pick<ValidateResult, "partitions" | "counts">): string {
  const { titles, partitions, sum } = accountCells(result);
  return table(
    titles.map((title) => ({ title, right: true })),
    sum === undefined ? partitions : [...partitions, sum],
  );
}

export interface AccountCells {
  readonly titles: readonly string[];
  readonly partitions: readonly (readonly string[])[];
  /** Missing when the account could not be drawn up. */
  readonly sum?: readonly string[] | undefined;
}

/** Terms that are 0 everywhere are left out; the first four and the last are always shown. */
export function accountCells(result: Pick<ValidateResult, "partitions" | "counts">): AccountCells {
  const terms: [string, (line: Omit<Counts, "silver">) => number, boolean][] = [
    ["PRODUCED", (line) => line.produced, true],
    ["BRONZE", (line) => line.bronze, true],
    ["DEAD LETTERS", (line) => line.dlq, true],
    ["NOT LANDED", (line) => line.notLanded, true],
    ["WITHOUT RECORD", (line) => line.withoutRecord, false],
    ["SKIPPED", (line) => line.skipped, false],
    ["LOST", (line) => line.lost, false],
    ["UNACCOUNTED", (line) => line.unaccounted, true],
  ];
  const shown = terms.filter(
    ([, pick, always]) => always || result.partitions.some((line) => pick(line) !== 0),
  );
  // A recreated topic has partitions with the same numbers.
  const incarnations = result.partitions.some((line) => line.incarnation > 0);
  const rows = result.partitions.map((line) => [
    incarnations ? `${line.incarnation}/${line.partition}` : String(line.partition),
    ...shown.map(([, pick]) => count(pick(line))),
  ]);
  const { counts } = result;
  return {
    titles: [incarnations ? "INCARNATION/PARTITION" : "PARTITION", ...shown.map(([title]) => title)],
    partitions: rows,
    sum: counts === null ? undefined : ["all", ...shown.map(([, pick]) => count(pick(counts)))],
  };
}
