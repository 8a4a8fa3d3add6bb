import { plural } from "../core/format.js";
import type { InferResult } from "../pipeline/dataset/infer-manifest.js";
import { printable } from "./printable.js";
import { table } from "./table.js";

/** Longer reasons are only in the manifest. */
const widestType = 40;

/** @param inputs as the user typed them */
export function inferView(result: InferResult, inputs: readonly string[]): string {
  const { dataset, path, rows, columns, naturalKey, eventTime, notes } = result;
  const short = (text: string) => (text.length > widestType ? `${text.slice(0, widestType - 1)}…` : text);
  const isTopic = inputs.some((input) => input.startsWith("topic:"));
  const steps = isTopic
    ? ["process", "validate"]
    : ["create-topics", `generate ${inputs.map(asTyped).join(" ")}`, "process", "validate"];
  return [
    `wrote ${path} by ${plural(rows, "record")}`,
    table(
      [{ title: "COLUMN" }, { title: "TYPE" }, { title: "SILVER" }, { title: "WHY" }],
      columns.map(({ name, type, silver, reason }) => [
        printable(name),
        short(printable(type)),
        silver,
        printable(reason),
      ]),
    ),
    `key         ${naturalKey.map(printable).join(", ")}`,
    `event time  ${eventTime === null ? "none" : printable(eventTime)}`,
    ...notes.map((note) => `note: ${printable(note)}`),
    "next:",
    ...steps.map((step) => `  pipectl --dataset ${dataset} ${step}`),
  ].join("\n");
}

/** Quotes a word for the shell. */
const asTyped = (word: string) =>
  /^[\w./:@%+-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", "'\\''")}'`;
