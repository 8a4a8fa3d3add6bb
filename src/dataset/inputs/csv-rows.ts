/** The longest record in bytes. Far above what Kafka takes; it bounds what an unclosed quote can swallow. */
export const maxRecordBytes = 16 * 1024 * 1024;

/** A row, or the text of a line that cannot be one. `raw` has no line end. */
export interface Row {
  readonly cells: readonly string[];
  /** Which cells were quoted; undefined when none was. */
  readonly quoted: readonly boolean[] | undefined;
  readonly raw: string;
  readonly broken: boolean;
}

type Quoted = { cells: string[]; quoted: boolean[]; contentEnd: number; next: number };

/**
 * Splits CSV text into rows (RFC 4180, with LF or CRLF or both as line ends). Own code rather than csv-parse,
 * because a row that cannot be read has to be sent with exactly its bytes, because it must be known which empty
 * cells were quoted, and because most rows have no quote at all and need only be split, which is several times
 * faster. A test holds it against csv-parse.
 *
 * A quote opens a cell only as its first character; elsewhere it is text. An opened quote that is not closed, or is
 * followed by something else than a delimiter or a line end, makes its first line a broken row; reading goes on
 * with the line after it.
 */
export class CsvRows {
  #text = "";
  #position = 0;
  #final = false;

  constructor(private readonly delimiter: string) {}

  /** Adds what was read. Call `next` until it gives undefined before adding more. */
  push(text: string): void {
    this.#text = this.#text.slice(this.#position) + text;
    this.#position = 0;
  }

  /** Says that the text is complete: what is left without a line end is the last row. */
  end(): void {
    this.#final = true;
  }

  /** Bytes that wait for more text. */
  get pending(): number {
    return this.#text.length - this.#position;
  }

  /** @returns the next row, or undefined when more text is needed. Empty lines are no rows. */
  next(): Row | undefined {
    for (;;) {
      const text = this.#text;
      const start = this.#position;
      const newline = text.indexOf("\n", start);
      if (start === text.length || (newline < 0 && !this.#final)) return undefined;
      const lineEnd = newline < 0 ? text.length : newline;
      const afterLine = newline < 0 ? text.length : newline + 1;
      const line = text.slice(start, text[lineEnd - 1] === "\r" && lineEnd > start ? lineEnd - 1 : lineEnd);
      if (line === "") {
        this.#position = afterLine;
        continue;
      }
      if (!line.includes('"')) {
        this.#position = afterLine;
        return { cells: line.split(this.delimiter), quoted: undefined, raw: line, broken: false };
      }
      const quoted = this.#quoted(start);
      if (quoted === "more" && !this.#final && this.pending <= maxRecordBytes) return undefined;
      if (typeof quoted === "string") {
        this.#position = afterLine;
        return { cells: [], quoted: undefined, raw: line, broken: true };
      }
      this.#position = quoted.next;
      const raw = text.slice(start, quoted.contentEnd);
      return { cells: quoted.cells, quoted: quoted.quoted, raw, broken: false };
    }
  }

  /** Reads a row that has quotes, character groups at a time. */
  #quoted(start: number): Quoted | "more" | "broken" {
    const { delimiter } = this;
    const text = this.#text;
    const cells: string[] = [];
    const quoted: boolean[] = [];
    let at = start;
    for (;;) {
      if (text[at] === '"') {
        const close = closingQuote(text, at + 1);
        if (close < 0) return "more";
        cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
        quoted.push(true);
        at = close + 1;
      } else {
        let end = at;
        while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end++;
        // A CR before the line end belongs to the line end.
        if (text[end] === "\n" && text[end - 1] === "\r" && end > at) end--;
        cells.push(text.slice(at, end));
        quoted.push(false);
        at = end;
      }
      if (text[at] === delimiter) {
        at++;
        continue;
      }
      if (text[at] === "\n") return { cells, quoted, contentEnd: at, next: at + 1 };
      if (text[at] === "\r" && text[at + 1] === "\n") return { cells, quoted, contentEnd: at, next: at + 2 };
      // Without more text, a quote or a CR at the very end may still be doubled or be followed by a line end.
      if (at >= text.length - 1 && !this.#final) return "more";
      if (at === text.length) return { cells, quoted, contentEnd: at, next: at };
      if (text[at] === "\r" && at === text.length - 1) return { cells, quoted, contentEnd: at, next: at + 1 };
      return "broken";
    }
  }
}

/** Position of the quote that closes a cell: one that is not doubled. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
