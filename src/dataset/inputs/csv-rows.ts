/** The longest record in bytes. It is far above Kafka's limit, and bounds how much an unclosed quote can swallow. */
export const maxRecordBytes = 16 * 1024 * 1024;

/** A row, or the text of a line that is not a valid one. `raw` has no line end. */
export interface Row {
  readonly cells: readonly string[];
  /** Which cells were quoted; undefined when none was. */
  readonly quoted: readonly boolean[] | undefined;
  readonly raw: string;
  readonly broken: boolean;
}

type Quoted = { cells: string[]; quoted: boolean[]; contentEnd: number; next: number };

/**
 * Splits CSV text into rows (RFC 4180, with LF, CRLF or both as line ends). This is own code instead of csv-parse, because an
 * unreadable row must be sent with exactly its bytes, because the reader must know which empty cells were quoted, and because
 * most rows have no quotes and only need to be split, which is several times faster. A test compares it with csv-parse.
 *
 * A quote opens a cell only as its first character; elsewhere it is text. If an opened quote is not closed, or is followed by
 * anything but a delimiter or a line end, its first line is a broken row, and reading continues with the next line.
 */
export class CsvRows {
  #text = "";
  #position = 0;
  #final = false;

  /** @param newline CR for a text whose lines end with it alone */
  constructor(
    private readonly delimiter: string,
    private readonly newline: "\n" | "\r" = "\n",
  ) {}

  /** Adds text. Call `next` until it returns undefined before adding more. */
  push(text: string): void {
    this.#text = this.#text.slice(this.#position) + text;
    this.#position = 0;
  }

  /** Marks the text as complete: a rest without a line end is the last row. */
  end(): void {
    this.#final = true;
  }

  /** Number of characters that wait for more text. As latin1, each is one byte. */
  get pending(): number {
    return this.#text.length - this.#position;
  }

  /** @returns the next row, or undefined when more text is needed. Empty lines are skipped. */
  next(): Row | undefined {
    for (;;) {
      const text = this.#text;
      const start = this.#position;
      const newline = text.indexOf(this.newline, start);
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

  /** Reads a row with quotes. */
  #quoted(start: number): Quoted | "more" | "broken" {
    const { delimiter, newline } = this;
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
        while (end < text.length && text[end] !== delimiter && text[end] !== newline) end++;
        // A CR before the line end belongs to the line end.
        if (newline === "\n" && text[end] === "\n" && text[end - 1] === "\r" && end > at) end--;
        cells.push(text.slice(at, end));
        quoted.push(false);
        at = end;
      }
      if (text[at] === delimiter) {
        at++;
        continue;
      }
      if (text[at] === newline) return { cells, quoted, contentEnd: at, next: at + 1 };
      if (text[at] === "\r" && text[at + 1] === "\n") return { cells, quoted, contentEnd: at, next: at + 2 };
      // Before the end of the text, a final quote may still be doubled, and a final CR may be followed by LF.
      if (at >= text.length - 1 && !this.#final) return "more";
      if (at === text.length) return { cells, quoted, contentEnd: at, next: at };
      if (text[at] === "\r" && at === text.length - 1) return { cells, quoted, contentEnd: at, next: at + 1 };
      return "broken";
    }
  }
}

/** Position of the quote that closes a cell: the first one that is not doubled. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
