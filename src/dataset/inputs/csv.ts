import { isAscii, isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import type { Dataset, SourceRecord } from "../types.js";
import { CsvRows, maxRecordBytes, type Row } from "./csv-rows.js";
import { csvStart, delimiters, hasFirstRow } from "./csv-start.js";
import { requireUtf8Header } from "./encoding.js";
import { type Field, resolveFields, spellings } from "./fields.js";
import { cellToken, rowEncoder, toBytes } from "./row-encoder.js";
import { chunkRecords, type Tally } from "./tally.js";

/** Much longer than comments in front of a header are. */
const longestStart = 64 * 1024;

/**
 * Reads CSV. The delimiter is the one with which the header has most known columns. A byte order mark, comments in front of the
 * header, LF, CRLF and CR, and quoted cells with line ends are supported. A row that cannot be read, or whose number of cells
 * differs from the header's, is returned as its raw text and counted in the tally; so is one that is no UTF-8, as a record.
 * Without a header (`header: false`) the cells are the dataset's columns in their order.
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
    rows.push(chunk);
    yield* chunkRecords(rows.records(tally));
  }
  rows.end();
  yield* chunkRecords(rows.records(tally));
}

class CsvText {
  #head = "";
  #isAscii = true;
  #rows: CsvRows | undefined;
  #toRecord: ((tokens: readonly string[]) => SourceRecord) | undefined;
  #kinds: readonly (Parameters<typeof cellToken>[1] | undefined)[] = [];

  constructor(
    private readonly dataset: Dataset,
    private readonly where: string,
  ) {}

  push(chunk: Buffer) {
    this.#isAscii &&= isAscii(chunk);
    const text = chunk.toString("latin1");
    if (this.#rows) {
      this.#rows.push(text);
      if (this.#rows.pending > 2 * maxRecordBytes) throw tooLong(this.where);
      return;
    }
    this.#head += text;
    if (this.#head.length > maxRecordBytes) throw tooLong(this.where);
    // The delimiter is guessed from the complete first row.
    if (hasFirstRow(this.#head) || (this.#head.length > longestStart && /[\r\n]/.test(this.#head)))
      this.#start(false);
  }

  end() {
    if (!this.#rows) this.#start(true);
    this.#rows?.end();
  }

  *records(tally: Tally): Generator<SourceRecord> {
    for (let row = this.#rows?.next(); row; row = this.#rows?.next()) {
      if (!this.#toRecord && this.#begin(row)) continue;
      if (row.broken || row.cells.length !== this.#kinds.length) {
        tally.unreadable++;
        yield { key: null, value: toBytes(row.raw) };
      } else {
        const tokens = new Array<string>(row.cells.length);
        for (let index = 0; index < tokens.length; index++) {
          tokens[index] = cellToken(row.cells[index] ?? "", this.#kinds[index], row.quoted?.[index] ?? false);
        }
        if (this.#isBroken(row.raw)) tally.unreadable++;
        const toRecord = this.#toRecord as (tokens: readonly string[]) => SourceRecord;
        yield toRecord(tokens);
      }
    }
  }

  #start(isWhole: boolean) {
    const known = spellings(this.dataset);
    const isRow = (line: string) => known.size > 0 && knownCells(known, line) > 0;
    const { text, newline, delimiter } = csvStart(this.#head, isRow, isWhole);
    this.#head = "";
    this.#rows = new CsvRows(delimiter ?? this.#delimiterOf(text, newline), newline);
    this.#rows.push(text);
  }

  /** @returns true when the row was the header */
  #begin({ cells, broken }: Row): boolean {
    const { dataset, where } = this;
    if (broken) throw brokenHeader(where);
    if (dataset.hasHeader) {
      requireUtf8Header(where, cells);
      this.#use(resolveFields(dataset, cells.map(nameOf), where));
      return true;
    }
    if (cells.length !== dataset.columns.length) {
      throw usage(
        "input_columns",
        `${where} has ${cells.length} cells in its first row, but ${dataset.name} has ${dataset.columns.length} columns and \`header: false\``,
        { hint: `The columns of ${dataset.path} are those of the file, in its order. Nothing was sent.` },
      );
    }
    this.#use(dataset.columns.map((column) => ({ name: column.source, column })));
    return false;
  }

  #use(fields: readonly Field[]) {
    const encoder = rowEncoder(this.dataset, fields);
    this.#kinds = fields.map((field) => field.column?.parsedType.kind);
    this.#toRecord = (tokens) => encoder.encode(tokens);
  }

  #isBroken(raw: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
    return !this.#isAscii && /[^\u0000-\u007f]/.test(raw) && !isUtf8(toBytes(raw));
  }

  #delimiterOf(text: string, newline: "\n" | "\r"): string {
    const { dataset } = this;
    const known = spellings(dataset);
    const scored = delimiters.map((delimiter) => {
      const rows = new CsvRows(delimiter, newline);
      rows.push(text);
      rows.end();
      const cells = rows.next()?.cells ?? [];
      if (!dataset.hasHeader) return { delimiter, score: cells.length === dataset.columns.length ? 1 : 0 };
      const found = cells.filter((cell) => known.has(nameOf(cell))).length;
      // Without any known name, the split with the most cells gives the most useful error.
      return { delimiter, score: found * 10_000 + cells.length };
    });
    return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
  }
}

const nameOf = (cell: string) => toBytes(cell).toString("utf8").trim();

/** How many of the line's cells are names of columns, by the delimiter that makes the most. */
const knownCells = (known: ReadonlyMap<string, unknown>, line: string) =>
  Math.max(
    ...delimiters.map((delimiter) => line.split(delimiter).filter((cell) => known.has(nameOf(cell))).length),
  );

/** @param where names the input */
export const brokenHeader = (where: string) =>
  usage("input_format", `${where} has a header with a quote that is not closed, or has text behind it`, {
    hint: "Mend its first line.",
  });

const tooLong = (where: string) =>
  usage("input_format", `${where} has a line of more than ${maxRecordBytes / 1024 / 1024} MiB: it is no CSV`);
