import type { ColumnKind } from "../column-type.js";
import { Slab } from "../slab.js";
import type { Dataset, SourceRecord } from "../types.js";
import type { Field } from "./fields.js";

/**
 * Text is handled as latin1 throughout, so that one character is one byte of the input. That is fast, and a byte sequence that
 * is not UTF-8 reaches Kafka unchanged (and becomes a dead letter) instead of being repaired.
 */
export const toBytes = (text: string) => Buffer.from(text, "latin1");
/** The latin1 form of a text that was not read from an input, such as a column name. */
export const fromText = (text: string) => Buffer.from(text, "utf8").toString("latin1");

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Many programs write no zero in front of the point, which JSON's numbers need. */
export const withZero = (text: string) =>
  text.startsWith(".") || text.startsWith("-.") ? text.replace(/^(-?)\.(?=\d)/, "$10.") : text;

/**
 * The JSON token of a text cell.
 *
 * - empty: null. Only a quoted empty cell of a STRING column is the empty string.
 * - a number in a numeric column (a zero is put in front of its point), `true` or `false` in a BOOLEAN column: the same text as a bare token
 * - anything else: the text as a JSON string. The pipeline decides whether it fits the column's type.
 */
export function cellToken(text: string, kind: ColumnKind | undefined, quoted: boolean): string {
  if (text === "") return quoted && kind === "string" ? '""' : "null";
  switch (kind) {
    case "integer":
    case "float":
    case "decimal":
      return number.test(withZero(text)) ? withZero(text) : JSON.stringify(text);
    case "boolean":
      return text === "true" || text === "false" ? text : JSON.stringify(text);
    default:
      return JSON.stringify(text);
  }
}

export interface RowEncoder {
  /** @param tokens one JSON token per field, as latin1 */
  encode(tokens: readonly string[]): SourceRecord;
}

/** Builds records from rows that have the same fields in the same order. */
export function rowEncoder(dataset: Dataset, fields: readonly Field[]): RowEncoder {
  const prefixes = fields.map(
    (field, index) => `${index === 0 ? "{" : ","}${JSON.stringify(fromText(field.name))}:`,
  );
  const keyFields = dataset.messageKey.map((name) =>
    fields.findIndex((field) => field.column?.name === name),
  );
  const slab = new Slab();
  return {
    encode(tokens) {
      let json = "";
      for (let index = 0; index < prefixes.length; index++) json += `${prefixes[index]}${tokens[index]}`;
      return {
        key: messageKey(keyFields.map((index) => tokens[index])),
        value: slab.bytes(`${json}}`, "latin1"),
      };
    },
  };
}

/**
 * The Kafka key of a record: the message-key values joined by `|`, strings without quotes, null and missing values as nothing.
 * A record without any value has no key, so that it does not go to the partition of the empty key.
 *
 * @param tokens JSON tokens as latin1, in the order of the dataset's message key
 */
export function messageKey(tokens: readonly (string | undefined)[]): Buffer | null {
  const parts = tokens.map((token) => {
    if (token === undefined || token === "null") return "";
    if (!token.startsWith('"')) return token;
    if (!token.includes("\\")) return token.slice(1, -1);
    return fromText(String(JSON.parse(toBytes(token).toString("utf8"))));
  });
  return parts.every((part) => part === "") ? null : toBytes(parts.join("|"));
}
