import { count, plural } from "../core/format.js";
import type { AcceptPlan } from "../pipeline/dead-letters/accept.js";
import type { DeadLetterLine } from "../pipeline/dead-letters/dead-letter-line.js";
import type { AcceptanceLine, DlqSummary, ReasonLine } from "../pipeline/dead-letters/summary.js";
import { printable } from "./printable.js";
import { table } from "./table.js";

export function dlqView(result: DlqSummary): string {
  const { table: name, exists, total, accepted, open, max, reasons, partitions, acceptances } = result;
  if (total === 0) return `${name}: no dead letters${exists ? "" : ", for there is no table yet"}`;
  const limit = max === null ? "" : `; DLQ_MAX=${max}`;
  const parts = [
    `${name}: ${plural(total, "dead letter")}, ${count(accepted)} accepted, ${count(open)} open${limit}`,
    reasonTable(reasons),
    partitionTable(partitions),
    ...(acceptances.length === 0 ? [] : [acceptances.map(acceptanceText).join("\n")]),
    "to look at them: pipectl dlq show 10",
  ];
  return parts.join("\n\n");
}

function reasonTable(reasons: readonly ReasonLine[]): string {
  const titles = ["REASON", "FIRST (UTC)", "LAST (UTC)", "FOR EXAMPLE"].map((title) => ({ title }));
  const [reason, ...rest] = titles as [{ title: string }];
  return table(
    [reason, { title: "COUNT", right: true }, ...rest],
    reasons.map((line) => [
      nameOf(line),
      count(line.count),
      secondOf(line.first),
      secondOf(line.last),
      cut(printable(line.example.error), 80),
    ]),
  );
}

function partitionTable(partitions: DlqSummary["partitions"]): string {
  // A recreated topic has partitions with the same numbers.
  const incarnations = partitions.some(({ incarnation }) => incarnation > 0);
  return table(
    [
      { title: incarnations ? "INCARNATION/PARTITION" : "PARTITION", right: true },
      { title: "COUNT", right: true },
    ],
    partitions.map((line) => [
      incarnations ? `${line.incarnation}/${line.partition}` : String(line.partition),
      count(line.count),
    ]),
  );
}

function acceptanceText({ at, note, count: n, partition, ...filter }: AcceptanceLine): string {
  const where = partition === null ? "" : `, partition ${partition}`;
  const said = note === null ? "" : `: ${printable(note)}`;
  return `accepted ${secondOf(at)} UTC, ${filter.reason === null ? "any reason" : nameOf(filter)}${where}: ${count(n)}${said}`;
}

const nameOf = ({ reason, field }: { readonly reason: string | null; readonly field: string | null }) =>
  field === null ? String(reason) : `${reason}:${field}`;
const secondOf = (at: string) => at.slice(0, 19).replace("T", " ");
const cut = (text: string, most: number) =>
  [...text].length <= most ? text : `${[...text].slice(0, most).join("")}…`;

/** Characters of a key or a value that are shown to people. */
const shownCharacters = 300;

export function deadLettersView({
  letters: deadLetters,
}: {
  readonly letters: readonly DeadLetterLine[];
}): string {
  if (deadLetters.length === 0) return "no dead letters";
  return deadLetters.map(deadLetterView).join("\n\n");
}

function deadLetterView(deadLetter: DeadLetterLine): string {
  const { incarnation, partition, offset, timestamp, error, key, keyEncoding, value, valueEncoding } =
    deadLetter;
  const where = `${incarnation === 0 ? "" : `incarnation ${incarnation}, `}partition ${partition}, offset ${offset}`;
  return [
    `${where}, ${timestamp.slice(0, 23).replace("T", " ")} UTC`,
    `  error  ${printable(error)}`,
    `  key    ${bytesView(key, keyEncoding)}`,
    `  value  ${bytesView(value, valueEncoding)}`,
  ].join("\n");
}

function bytesView(text: string | null, encoding: "base64" | undefined): string {
  if (text === null) return "null";
  const bytes = Buffer.byteLength(text, encoding ?? "utf8");
  const start = text.slice(0, shownCharacters);
  const more = start.length < text.length ? `… (${plural(bytes, "byte")} in all)` : "";
  const shown = `${printable(start.replace(/[\ud800-\udbff]$/, ""))}${more}`;
  if (encoding !== undefined) return `no UTF-8, in Base64: ${shown}`;
  return text === "" ? "empty" : shown;
}

/** What is about to be accepted or revoked, shown before the question. */
export function acceptPlanView(plan: AcceptPlan): string {
  const { table: name, added, revoked, accepted, open, reasons } = plan;
  if (plan.cleared) return `${name}: the damaged record will be cleared; ${count(open)} are open then`;
  if (revoked > 0)
    return `${name}: ${plural(revoked, "dead letter")} will no longer be accepted; ${count(open)} are open then`;
  if (added === 0) return `${name}: nothing to change; ${count(accepted)} accepted, ${count(open)} open`;
  const lines = reasons.map((line) => `  ${nameOf(line)}  ${count(line.count)}`);
  return [
    `${name}: ${plural(added, "dead letter")} will be accepted; ${count(open)} are open then`,
    ...lines,
  ].join("\n");
}

export function acceptedView(plan: AcceptPlan): string {
  const { table: name, added, revoked, accepted, open } = plan;
  if (plan.cleared) return `${name}: the damaged record is cleared; ${count(open)} open`;
  const done =
    revoked > 0 ? `${plural(revoked, "dead letter")} no longer accepted` : `${count(added)} accepted`;
  return `${name}: ${done}; ${count(accepted)} accepted in all, ${count(open)} open`;
}
