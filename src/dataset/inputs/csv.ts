import { usage } from "../../core/errors.js";
import type { Dataset, SourceRecord } from "../types.js";
import { CsvRows, maxRecordBytes } from "./csv-rows.js";
import { resolveFields, spellings } from "./fields.js";
import { cellToken, fromText, rowEncoder, toBytes } from "./row-encoder.js";
import { chunkRecords, type Tally } from "./tally.js";

const delimiters = [",", ";", "\t"] as const;
const byteOrderMark = fromText("\uFEFF");

/**
 * Reads CSV. The delimiter (comma, semicolon or tab) is the one with which the header has most known columns. A byte order
 * mark, LF and CRLF, and quoted cells with line ends are supported. A row that cannot be read, or whose number of cells
 * differs from the header's, is returned as its raw text and counted in the tally.
 *
 * @param where names the input in errors
 * @throws usage error `input_columns` when the header does not fit
 */
export async function* csvRecords(
  dataset: Dataset,
  where: string,
  chunks: AsyncIterable<Buffer>,
  tally: Tally,
): AsyncGenerator<readonly SourceRecord[]> {
  const rows = new CsvText(dataset, where);
  for await (const chunk of chunks) {
    rows.push(chunk.toString("latin1"));
    yield* chunkRecords(rows.records(tally));
  }
  rows.end();
  yield* chunkRecords(rows.records(tally));
}

class CsvText {
  #head = "";
  #rows: CsvRows | undefined;
  #toRecord: ((tokens: readonly string[]) => SourceRecord) | undefined;
  #kinds: readonly (Parameters<typeof cellToken>[1] | undefined)[] = [];

  constructor(
    private readonly dataset: Dataset,
    private readonly where: string,
  ) {}

  push(text: string) {
    if (this.#rows) {
      this.#rows.push(text);
      if (this.#rows.pending > 2 * maxRecordBytes) throw tooLong(this.where);
      return;
    }
    this.#head += text;
    if (this.#head.length > maxRecordBytes) throw tooLong(this.where);
    // The delimiter is guessed from the complete first line.
    if (/[^\r\n][^\n]*\n/.test(this.#head)) this.#start();
  }

  end() {
    if (!this.#rows) this.#start();
    this.#rows?.end();
  }

  *records(tally: Tally): Generator<SourceRecord> {
    for (let row = this.#rows?.next(); row; row = this.#rows?.next()) {
      if (!this.#toRecord) {
        this.#readHeader(row.cells);
      } else if (row.broken || row.cells.length !== this.#kinds.length) {
        tally.unreadable++;
        yield { key: null, value: toBytes(row.raw) };
      } else {
        const tokens = new Array<string>(row.cells.length);
        for (let index = 0; index < tokens.length; index++) {
          tokens[index] = cellToken(row.cells[index] ?? "", this.#kinds[index], row.quoted?.[index] ?? false);
        }
        yield this.#toRecord(tokens);
      }
    }
  }

  #start() {
    const text = this.#head.startsWith(byteOrderMark) ? this.#head.slice(byteOrderMark.length) : this.#head;
    this.#head = "";
    this.#rows = new CsvRows(guessDelimiter(this.dataset, text));
    this.#rows.push(text);
  }

  #readHeader(cells: readonly string[]) {
    const names = cells.map((cell) => toBytes(cell).toString("utf8").trim());
    const fields = resolveFields(this.dataset, names, this.where);
    const encoder = rowEncoder(this.dataset, fields);
    this.#kinds = fields.map((field) => field.column?.parsedType.kind);
    this.#toRecord = (tokens) => encoder.encode(tokens);
  }
}

function guessDelimiter(dataset: Dataset, text: string): string {
  const known = spellings(dataset);
  const scored = delimiters.map((delimiter) => {
    const rows = new CsvRows(delimiter);
    rows.push(text);
    rows.end();
    const cells = rows.next()?.cells ?? [];
    const found = cells.filter((cell) => known.has(toBytes(cell).toString("utf8").trim())).length;
    // Without any known name, the split with the most cells gives the most useful error.
    return { delimiter, score: found * 10_000 + cells.length };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

const tooLong = (where: string) =>
  usage("input_format", `${where} has a line of more than ${maxRecordBytes / 1024 / 1024} MiB: it is no CSV`);
