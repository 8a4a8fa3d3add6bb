import type { ValidateResult } from "../pipeline/validate/result.js";
import type { Trouble } from "./junit.js";
import { accountCells } from "./validate-view.js";

/** GitHub discards a step's summary larger than 1 MiB. A line of the account has about 100 bytes. */
const mostLines = 1_000;
const mostCharacters = 4_000;

/** What `--github` adds to the summary of the job, in GitHub's Markdown. */
export function summaryOfResult(result: ValidateResult): string {
  const { stages, status, mode } = result;
  const parts = [
    `## pipectl validate: ${status.toUpperCase()}`,
    `MODE=${markdown(mode)}`,
    markdownTable(
      ["Stage", "Check", "Result", "Detail"],
      ["---:", "---", "---", "---"],
      stages.map((one) => [
        String(one.stage),
        markdown(one.name),
        one.status.toUpperCase(),
        markdown(short(one.detail)),
      ]),
    ),
  ];
  const hints = stages.flatMap(({ stage, status: of, hint }) =>
    of === "pass" || hint === undefined ? [] : [`- Stage ${stage}: ${markdown(hint)}`],
  );
  if (hints.length > 0) parts.push("### What to try", hints.join("\n"));
  if (result.partitions.length > 0) parts.push("### Account of every record", account(result));
  return `${parts.join("\n\n")}\n\n`;
}

/** The same where there is no result. */
export function summaryOfTrouble({ message, hint }: Trouble): string {
  const next = hint === undefined ? "" : `\n\nTry: ${markdown(hint)}`;
  return `## pipectl validate: ERROR\n\n${markdown(short(message))}${next}\n\n`;
}

/** Commands to the runner that show each stage that did not pass beside the job's steps, a line each. */
export function annotationsOfResult({ stages }: ValidateResult): string[] {
  return stages.flatMap(({ stage, name, status, detail, hint }) =>
    status === "pass"
      ? []
      : [command(status === "warn" ? "warning" : "error", `Stage ${stage}: ${name}`, detail, hint)],
  );
}

export function annotationOfTrouble({ message, hint }: Trouble): string {
  return command("error", "pipectl validate", message, hint);
}

function command(kind: "error" | "warning", title: string, text: string, hint: string | undefined): string {
  const message = hint === undefined ? short(text) : `${short(text)}\ntry: ${hint}`;
  return `::${kind} title=${property(title)}::${data(message)}`;
}

/** Escapes a value as the runner unescapes it. */
const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function account(result: ValidateResult): string {
  const { titles, partitions, sum } = accountCells(result);
  const left = partitions.length - mostLines;
  const table = markdownTable(
    titles.map((title) => title.toLowerCase()),
    titles.map(() => "---:"),
    [...partitions.slice(0, mostLines), ...(sum === undefined ? [] : [sum])],
  );
  return left > 0 ? `${table}\n\n${left} more partitions are left out here.` : table;
}

function markdownTable(
  titles: readonly string[],
  align: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [titles, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function short(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`;
}

/** Escapes foreign text, so that it is nothing but text within a line or a cell. */
function markdown(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (character) => (character === "\n" ? "\n" : " "))
    .trim()
    .replace(/[\\`*_[\]|~$#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\n", "<br>");
}
