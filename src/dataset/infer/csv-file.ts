import { isAscii, isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import { CsvRows, maxRecordBytes, type Row } from "../inputs/csv-rows.js";
import { csvStart, delimiters } from "../inputs/csv-start.js";
import { toBytes } from "../inputs/row-encoder.js";
import { delimiterOf, firstRows } from "./delimiter.js";

/** Length of the text from which the delimiter is guessed. */
const headLength = 64 * 1024;

/** The rows of one file whose delimiter is not known yet. */
export class CsvFile {
  #head = "";
  #rows: CsvRows | undefined;
  #isAscii = true;
  /** Lines in front of the first row that begin with `#`. */
  comments = 0;
  /** The first rows, up to about a hundred; none before the file has begun. */
  firstRows: readonly Row[] = [];

  constructor(private readonly where: string) {}

  push(chunk: Buffer) {
    this.#isAscii &&= isAscii(chunk);
    const text = chunk.toString("latin1");
    if (!this.#rows) {
      this.#head += text;
      if (this.#head.length >= headLength) this.#start(false);
    } else this.#rows.push(text);
    if ((this.#rows?.pending ?? this.#head.length) > 2 * maxRecordBytes) {
      throw usage(
        "input_format",
        `${this.where} has a line of more than ${maxRecordBytes / 1024 / 1024} MiB: it is no CSV`,
      );
    }
  }

  end() {
    if (!this.#rows) this.#start(true);
    this.#rows?.end();
  }

  /** True when rows can be read. */
  get hasBegun(): boolean {
    return this.#rows !== undefined;
  }

  next() {
    return this.#rows?.next();
  }

  /** True when the row contains bytes that are not UTF-8, which make it a dead letter. */
  isBroken(raw: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
    return !this.#isAscii && /[^\u0000-\u007f]/.test(raw) && !isUtf8(toBytes(raw));
  }

  #start(isWhole: boolean) {
    const { text, newline, delimiter, comments } = csvStart(this.#head, isRowLikeNext, isWhole);
    const separator = delimiter ?? delimiterOf(text, newline);
    const rows = firstRows(text, separator, newline, isWhole);
    // A header may be longer than the head.
    if (rows.length === 0 && !isWhole) return;
    this.#head = "";
    this.comments = comments;
    this.firstRows = rows;
    this.#rows = new CsvRows(separator, newline);
    this.#rows.push(text);
  }
}

/** A line that begins with `#` is a row when it has as many cells as the next line that does not, and several. */
function isRowLikeNext(line: string, rest: string): boolean {
  const next = rest.split(/\r?\n|\r/).find((one) => one !== "" && !one.startsWith("#"));
  return delimiters.some((delimiter) => {
    const cells = line.split(delimiter).length;
    return cells > 1 && cells === next?.split(delimiter).length;
  });
}
