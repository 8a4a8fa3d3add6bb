import type { ChalkInstance } from "chalk";
import type { ConfigEntry } from "../config/entries.js";
import type { Finding } from "../core/finding.js";
import { bytes, count, duration, plural } from "../core/format.js";
import type { ListedJob } from "../execution/list-jobs.js";
import type { QueryResult } from "../execution/query.js";
import type { ProcessResult } from "../pipeline/batch/process.js";
import type { LagResult } from "../pipeline/lag/lag.js";
import type { LagLook } from "../pipeline/lag/watch-lag.js";
import type { DownResult, StatusResult, UpResult } from "../pipeline/stack/stack.js";
import type { WarmUpResult } from "../pipeline/stack/warm-up.js";
import type { Ledger } from "../pipeline/topic/generate.js";
import type { TopicResult } from "../pipeline/topic/topics.js";
import { openTransactionText } from "../pipeline/validate/open-transaction.js";
import { table } from "./table.js";

export function upView(result: UpResult): string {
  const { endpoints } = result;
  const what =
    result.started.length === 0 ? "everything was running" : `started ${result.started.join(", ")}`;
  return [
    `up in ${duration(result.seconds * 1000)} (${result.runtime} runtime): ${what}`,
    `  Flink dashboard  ${endpoints.flink}`,
    `  Kafka            ${endpoints.kafka}`,
    `  SQL gateway      ${endpoints.gateway}`,
    `  Iceberg catalog  ${endpoints.catalog}`,
    ...(endpoints.s3 === undefined ? [] : [`  S3               ${endpoints.s3}`]),
  ].join("\n");
}

export function warmUpView({ warm, recorded, seconds }: WarmUpResult): string {
  if (!warm) return "nothing to warm up in this runtime";
  const kept = recorded.length === 0 ? "" : `; class data kept for the next start of ${recorded.join(", ")}`;
  return `warm in ${duration(seconds * 1000)}${kept}`;
}

export function downView(result: DownResult): string {
  const lines = [
    `${result.runtime} runtime: ${result.stopped.length === 0 ? "nothing was running" : `stopped ${result.stopped.join(", ")}`}`,
  ];
  for (const folder of result.deleted) lines.push(`deleted ${folder}`);
  return lines.join("\n");
}

export function statusView(result: StatusResult, chalk: ChalkInstance): string {
  const containers = result.runtime === "docker";
  const paint = { running: chalk.green, starting: chalk.yellow, stopped: chalk.red, unreachable: chalk.red };
  const services = table(
    [
      { title: "SERVICE" },
      { title: "STATE" },
      containers ? { title: "CONTAINER" } : { title: "PID", right: true },
      { title: "MEMORY", right: true },
      { title: "ADDRESS" },
    ],
    result.services.map((service) => [
      service.name,
      paint[service.state](service.state),
      service.container ?? String(service.pid ?? ""),
      service.memoryBytes === undefined ? "" : bytes(service.memoryBytes),
      service.endpoint ?? "",
    ]),
  );
  const jobs = result.jobs.map((job) => `${job.state}  ${job.id}  ${job.name}`);
  return `runtime: ${result.runtime}\n${services}\n${jobs.length === 0 ? "no job is running" : jobs.join("\n")}`;
}

export function topicView(result: TopicResult): string {
  const first = result.created
    ? `created ${result.topic} with ${plural(result.partitions, "partition")}`
    : `${result.topic} is there already, with ${plural(result.partitions, "partition")}`;
  return [first, ...result.differences.map((difference) => `  differs: ${difference}`)].join("\n");
}

export function ledgerView(ledger: Ledger): string {
  const parts = [
    ledger.malformed > 0 ? `${count(ledger.malformed)} malformed on purpose` : "",
    ledger.duplicates > 0 ? `${count(ledger.duplicates)} sent twice on purpose` : "",
    ledger.unreadable > 0 ? `${count(ledger.unreadable)} rows that could not be read, sent as they are` : "",
  ].filter((part) => part !== "");
  const lines = [
    `${ledger.interrupted ? "interrupted: " : ""}${count(ledger.sent)} records sent to ${ledger.topic} in ` +
      `${duration(ledger.seconds * 1000)} (${count(ledger.recordsPerSecond)}/s, ${bytes(ledger.bytes)})`,
  ];
  if (parts.length > 0) lines.push(`  of which ${parts.join(", ")}`);
  for (const { partition, first, last } of ledger.partitions) {
    lines.push(`  partition ${partition}: offsets ${count(first)} to ${count(last)}`);
  }
  return lines.join("\n");
}

export function processView(result: ProcessResult): string {
  const lines = result.jobs.map(
    (job) => `${job.state}  ${duration(job.seconds * 1000).padStart(8)}  ${job.id}  ${job.name}`,
  );
  const { bronze, dlq, silver } = result;
  if (bronze !== undefined && dlq !== undefined) {
    lines.push(
      `bronze        ${count(bronze.added).padStart(12)} added  ${count(bronze.total).padStart(12)} in all`,
    );
    lines.push(
      `dead letters  ${count(dlq.added).padStart(12)} added  ${count(dlq.total).padStart(12)} in all`,
    );
  }
  if (silver !== undefined)
    lines.push(`silver        ${" ".repeat(12)}        ${count(silver.total).padStart(12)} in all`);
  for (const { table, rows, status } of result.marts ?? [])
    lines.push(`${table}  ${count(rows)} rows, ${status}`);
  if (result.jobs.length === 0) lines.push("nothing to do");
  lines.push(`done in ${duration(result.seconds * 1000)}`);
  if (result.unusual !== undefined) lines.push(`but ${result.unusual}: pipectl dlq says why`);
  return lines.join("\n");
}

export function jobsView({ jobs }: { readonly jobs: readonly ListedJob[] }): string {
  if (jobs.length === 0) return "Flink knows no jobs (finished ones are forgotten after an hour)";
  return table(
    [
      { title: "ID" },
      { title: "STATE" },
      { title: "STARTED" },
      { title: "TOOK", right: true },
      { title: "RESTARTS", right: true },
      { title: "CHECKPOINT", right: true },
      { title: "RECORDS", right: true },
      { title: "NAME" },
    ],
    jobs.map((job) => [
      job.id,
      job.state,
      new Date(job.startTime).toISOString().slice(0, 19).replace("T", " "),
      duration(job.durationMs),
      job.restarts === null ? "" : String(job.restarts),
      job.checkpoint === null
        ? ""
        : `${job.checkpoint.id}, ${duration(job.checkpoint.ageSeconds * 1000)} ago`,
      job.records === null ? "" : `${count(job.records)} (${count(job.recordsPerSecond ?? 0)}/s)`,
      job.name,
    ]),
  );
}

export function lagView(result: LagResult): string {
  const cell = (n: number | null) => (n === null ? "unknown" : count(n));
  const rows = result.partitions.map((partition) => [
    String(partition.partition),
    count(partition.end),
    cell(partition.committed),
    cell(partition.landed),
    cell(partition.lag),
    count(partition.unlanded),
    duration(partition.lagSeconds * 1000),
  ]);
  const behind = duration(result.totalLagSeconds * 1000);
  rows.push(["total", "", "", "", cell(result.totalLag), count(result.totalUnlanded), behind]);
  const columns = ["PARTITION", "END", "COMMITTED", "LANDED", "LAG", "UNLANDED", "BEHIND"].map((title) => ({
    title,
    right: true,
  }));
  const held = result.openTransactions.map((one) => `\n${openTransactionText(one)}`).join("");
  return `${result.topic}, consumer group ${result.group}\n${table(columns, rows)}${held}`;
}

export function lagLookView({ lag, error, trend }: LagLook): string {
  if (lag === undefined) return `not known at the moment: ${error?.message}`;
  const change =
    trend === null
      ? "looking"
      : Math.round(trend) === 0
        ? "steady"
        : trend > 0
          ? `growing by ${count(Math.round(trend))}/s`
          : `shrinking by ${count(Math.round(-trend))}/s, gone in ${duration((lag.totalUnlanded / -trend) * 1000)}`;
  return `${lagView(lag)}\nunlanded: ${change}`;
}

export function queryView(result: QueryResult): string {
  const numeric = /^(TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|DECIMAL)/;
  const text = (value: unknown) =>
    value === null || value === undefined
      ? "NULL"
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  const rows = table(
    result.columns.map(({ name, type }) => ({ title: name, right: numeric.test(type) })),
    result.rows.map((row) => row.map(text)),
  );
  return `${rows}\n(${plural(result.rows.length, "row")}${result.truncated ? ", and more: see --limit" : ""})`;
}

export function doctorView(
  { findings }: { readonly findings: readonly Finding[] },
  chalk: ChalkInstance,
): string {
  const signs = {
    ok: chalk.green("ok     "),
    warning: chalk.yellow("warning"),
    problem: chalk.red("problem"),
  };
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, status, detail, hint }) => [
      `${signs[status]}  ${check.padEnd(width)}  ${detail}`,
      ...(hint === undefined ? [] : [`${" ".repeat(width + 11)}try: ${hint}`]),
    ])
    .join("\n");
}

export function configView({ settings }: { readonly settings: readonly ConfigEntry[] }): string {
  return table(
    [{ title: "KEY" }, { title: "VALUE" }, { title: "FROM" }],
    settings.map(({ key, value, source }) => [key, value, source]),
  );
}

export function keysView({ settings }: { readonly settings: readonly ConfigEntry[] }): string {
  return table(
    [{ title: "KEY" }, { title: "DEFAULT" }, { title: "WHAT IT DOES" }],
    settings.map((entry) => [entry.key, entry.default, entry.doc]),
  );
}
