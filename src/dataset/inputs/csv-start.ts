import { fromText } from "./row-encoder.js";

/** Known delimiters. */
export const delimiters = [",", ";", "\t", "|"] as const;

const byteOrderMark = fromText("\uFEFF");

/** The beginning of a CSV text, in front of its first row. */
export interface CsvStart {
  /** The text from its first row on. */
  readonly text: string;
  /** LF (perhaps with a CR in front of it), or CR on its own, as the first row shows. */
  readonly newline: "\n" | "\r";
  /** What a line `sep=;` says, as spreadsheets write it. */
  readonly delimiter: string | undefined;
  /** Lines that were left out in front of the first row, because they begin with `#`. */
  readonly comments: number;
}

/**
 * Passes over a byte order mark, blank lines, a line `sep=;` and comments.
 *
 * @param head the beginning of the text (latin1), with at least its first row
 * @param isRow true for a line that begins with `#`, and is a row for all that: names may begin so
 * @param isWhole true when nothing follows the head
 */
export function csvStart(
  head: string,
  isRow: (line: string, rest: string) => boolean,
  isWhole: boolean,
): CsvStart {
  let text = head.startsWith(byteOrderMark) ? head.slice(byteOrderMark.length) : head;
  const newline = newlineOf(text);
  let delimiter: string | undefined;
  let comments = 0;
  for (;;) {
    const end = text.indexOf(newline);
    const line = (end < 0 ? text : text.slice(0, end)).replace(/\r$/, "");
    const rest = end < 0 ? "" : text.slice(end + 1);
    const said = /^"?sep=(.)"?$/i.exec(line)?.[1];
    if (end < 0 && !(isWhole && line.startsWith("#"))) break;
    if (said !== undefined && delimiter === undefined) delimiter = said;
    else if (line.startsWith("#") && !isRow(line, rest)) comments++;
    else if (line !== "") break;
    text = rest;
    if (end < 0) break;
  }
  return { text, newline, delimiter, comments };
}

/** What ends the first row. Within quotes there may be other line ends. */
function newlineOf(text: string): "\n" | "\r" {
  let inQuotes = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') inQuotes = !inQuotes;
    else if (inQuotes) continue;
    else if (character === "\n") return "\n";
    else if (character === "\r" && text[at + 1] !== "\n") return "\r";
  }
  return text.includes("\n") || !text.includes("\r") ? "\n" : "\r";
}

/** True when the head has a complete row behind all that `csvStart` passes over, as far as LF ends lines. */
export const hasFirstRow = (head: string): boolean => /(?:^|\n)(?!#|"?sep=)[^\r\n][^\n]*\n/i.test(head);
