import { isAscii, isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import { CsvRows, maxRecordBytes } from "../inputs/csv-rows.js";
import { fromText, toBytes } from "../inputs/row-encoder.js";
import { delimiterOf } from "./delimiter.js";

/** Length of the text from which the delimiter is guessed. */
const headLength = 64 * 1024;
const byteOrderMark = fromText("\uFEFF");

/** The rows of one file whose delimiter is not known yet. */
export class CsvFile {
  #head = "";
  #rows: CsvRows | undefined;
  #isAscii = true;

  constructor(private readonly where: string) {}

  push(chunk: Buffer) {
    this.#isAscii &&= isAscii(chunk);
    const text = chunk.toString("latin1");
    if (!this.#rows) {
      this.#head += text;
      if (this.#head.length >= headLength) this.#start();
      return;
    }
    this.#rows.push(text);
    if (this.#rows.pending > 2 * maxRecordBytes) {
      throw usage(
        "input_format",
        `${this.where} has a line of more than ${maxRecordBytes / 1024 / 1024} MiB: it is no CSV`,
      );
    }
  }

  end() {
    if (!this.#rows) this.#start();
    this.#rows?.end();
  }

  next() {
    return this.#rows?.next();
  }

  /** True when the row contains bytes that are not UTF-8, which make it a dead letter. */
  isBroken(raw: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
    return !this.#isAscii && /[^\u0000-\u007f]/.test(raw) && !isUtf8(toBytes(raw));
  }

  #start() {
    const text = this.#head.startsWith(byteOrderMark) ? this.#head.slice(byteOrderMark.length) : this.#head;
    this.#head = "";
    this.#rows = new CsvRows(delimiterOf(text));
    this.#rows.push(text);
  }
}
