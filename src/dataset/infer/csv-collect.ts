import { usage } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { Collector, ObservedInput } from "../formats/input-format.js";
import { brokenHeader } from "../inputs/csv.js";
import type { Row } from "../inputs/csv-rows.js";
import { encodingRemarks, iconv, otherEncoding, requireUtf8Header } from "../inputs/encoding.js";
import { toBytes, withZero } from "../inputs/row-encoder.js";
import { CsvFile } from "./csv-file.js";
import { unknownDelimiter } from "./delimiter.js";
import { Evidence } from "./evidence.js";
import { looksLikeRecord, shownCells } from "./headerless.js";
import { KeySearch } from "./key-search.js";
import { byKeyRank, type Observation, requireFewColumns } from "./observation.js";
import { scalarGuess } from "./scalar-guess.js";

interface Column {
  readonly name: string;
  readonly seen: Evidence;
  nulls: number;
  /** Number of records in the files that have this column. */
  records: number;
}

/** Collects from CSV files, which are read as `generate` reads them. Columns of one name are one column. */
export class CsvCollect implements Collector {
  records = 0;
  #unreadable = 0;
  readonly #columns: Column[] = [];
  #keys: KeySearch | undefined;
  #isHeaderless = false;
  readonly #remarks: string[] = [];
  /** Likely encoding of a row that is no UTF-8. */
  #encoding: string | undefined;

  /**
   * Reads one file.
   *
   * @param limit total number of records to read
   * @throws usage error `input_columns` for a header with a duplicate name, `input_format` when the input is not CSV
   */
  async add({ where, bytes, hasHeader }: ObservedInput, limit: number): Promise<void> {
    const file = new CsvFile(where);
    let columns: Column[] | undefined;
    const before = this.records;
    const unreadable = this.#unreadable;
    const begin = () => {
      if (columns || !file.hasBegun) return;
      this.#remarkStart(where, file);
      columns = this.#columnsOf(where, file.firstRows, hasHeader);
      if (columns !== undefined && !this.#isHeaderless) file.next();
    };
    const take = () => {
      for (let row = columns && file.next(); row && columns; row = file.next()) {
        if (row.broken || row.cells.length !== columns.length) this.#unreadable++;
        else if (file.isBroken(row.raw)) {
          this.#unreadable++;
          this.#encoding ??= otherEncoding(row.raw);
        } else this.#row(columns, row.cells);
        if (this.records >= limit) return true;
      }
      return false;
    };
    for await (const chunk of bytes) {
      file.push(chunk);
      begin();
      if (take()) break;
    }
    if (this.records < limit) {
      file.end();
      begin();
      take();
    }
    this.#close(where, columns ?? [], this.records - before, this.#unreadable - unreadable);
  }

  observation(): Observation {
    const { candidates = [], ranOut = [] } = this.#keys?.found() ?? {};
    return {
      records: this.records,
      unreadable: this.#unreadable,
      columns: this.#columns.map(({ name, seen, nulls, records }) => ({
        source: name,
        guess: scalarGuess(seen),
        ...(seen.span === undefined ? {} : { span: seen.span }),
        nulls: nulls + this.records - records,
        isOptional: records < this.records,
      })),
      keys: candidates,
      ranOut,
      hasHeader: !this.#isHeaderless,
      remarks: [...this.#remarks, ...encodingRemarks(this.#encoding)],
    };
  }

  #remarkStart(where: string, { comments, firstRows }: CsvFile) {
    if (comments > 0)
      this.#remarks.push(
        `${where}: ${plural(comments, "line")} in front of the header with # ${comments === 1 ? "is" : "are"} left out`,
      );
    const separator = firstRows[0]?.cells.length === 1 ? unknownDelimiter(firstRows) : undefined;
    if (separator !== undefined)
      this.#remarks.push(
        `${where} has one column by any of its delimiters (${delimiterNames}), but each row has the same number of another character (${separator}): if that separates its cells, replace it`,
      );
  }

  /** The columns of a file; its header has been judged then. */
  #columnsOf(
    where: string,
    [first, ...rows]: readonly Row[],
    hasHeader: ObservedInput["hasHeader"],
  ): Column[] | undefined {
    if (first === undefined) return undefined;
    if (first.broken) throw brokenHeader(where);
    const { cells } = first;
    if (hasHeader === false) this.#isHeaderless = true;
    else if (
      hasHeader === undefined &&
      looksLikeRecord(
        cells,
        rows.map((row) => row.cells),
      )
    ) {
      this.#remarks.push(
        `the first row of ${where} looks like a record and not like a header (${shownCells(cells)}): its cells became the names of columns. If it is a record, infer again with --headerless`,
      );
    }
    if (!this.#isHeaderless) {
      requireUtf8Header(where, cells);
      if (cells.some((cell) => cell.trim().startsWith('"') || cell.trim().endsWith('"'))) {
        this.#remarks.push(
          `the header of ${where} has quotes within names: a quote opens a cell only as its first character, without a blank in front`,
        );
      }
      return this.#header(
        where,
        cells.map((cell) => toBytes(cell).toString("utf8").trim()),
      );
    }
    return this.#header(
      where,
      cells.map((_, index) => `column_${index + 1}`),
    );
  }

  #header(where: string, names: readonly string[]): Column[] {
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw usage("input_columns", `${where} has the column ${JSON.stringify(twice)} twice`, {
        hint: "Rename one of them in the header: a record can have a field only once. A file without a header is inferred with --headerless.",
      });
    }
    const found = names.map((name) => {
      const known = this.#columns.find((column) => column.name === name);
      if (known) return known;
      const column = { name, seen: new Evidence(), nulls: 0, records: 0 };
      this.#columns.push(column);
      return column;
    });
    requireFewColumns(where, this.#columns.length);
    this.#keys ??= new KeySearch(names.length, byKeyRank(names));
    // A column that this file does not have is NULL in its records.
    for (const [index, column] of this.#columns.entries())
      if (!found.includes(column)) this.#keys.drop(index);
    return found;
  }

  #row(columns: readonly Column[], cells: readonly string[]) {
    const keys = this.#keys as KeySearch;
    this.records++;
    for (let index = 0; index < cells.length; index++) {
      const text = withZero(cells[index] as string);
      const column = columns[index] as Column;
      const { seen } = column;
      // An empty cell is NULL. A quoted empty cell is NULL unless its column is text, so it does not show the type.
      if (text === "") column.nulls++;
      else seen.addCell(text, this.records);
      const at = this.#columns[index] === column ? index : this.#columns.indexOf(column);
      if (!keys.wants(at)) continue;
      if (text === "" || seen.fractions > 0 || seen.isAmbiguous) keys.drop(at);
      else keys.value(at, text);
    }
    keys.next();
  }

  #close(where: string, columns: readonly Column[], records: number, unreadable: number) {
    for (const column of columns) column.records += records;
    if (unreadable > records) {
      throw usage(
        "input_format",
        `${where}: ${unreadable} of ${records + unreadable} rows cannot be read, or have another number of cells than the header`,
        {
          hint:
            this.#encoding === undefined
              ? `Is it CSV with a header line? The delimiter may be ${delimiterNames}.`
              : `Rows that are no UTF-8 are dead letters. Convert it: ${iconv(this.#encoding)}`,
        },
      );
    }
  }
}

const delimiterNames = "a comma, a semicolon, a tab or a bar";
