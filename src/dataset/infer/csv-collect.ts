import { usage } from "../../core/errors.js";
import type { Collector, ObservedInput } from "../formats/input-format.js";
import { toBytes } from "../inputs/row-encoder.js";
import { CsvFile } from "./csv-file.js";
import { Evidence } from "./evidence.js";
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

  /**
   * Reads one file.
   *
   * @param limit total number of records to read
   * @throws usage error `input_columns` for a header with a duplicate name, `input_format` when the input is not CSV
   */
  async add({ where, bytes }: ObservedInput, limit: number): Promise<void> {
    const file = new CsvFile(where);
    let columns: Column[] | undefined;
    const before = this.records;
    const unreadable = this.#unreadable;
    const take = () => {
      for (let row = file.next(); row; row = file.next()) {
        if (!columns) columns = this.#header(where, row.cells);
        else if (row.broken || row.cells.length !== columns.length || file.isBroken(row.raw))
          this.#unreadable++;
        else this.#row(columns, row.cells);
        if (this.records >= limit) return true;
      }
      return false;
    };
    for await (const chunk of bytes) {
      file.push(chunk);
      if (take()) break;
    }
    if (this.records < limit) {
      file.end();
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
    };
  }

  #header(where: string, cells: readonly string[]): Column[] {
    const names = cells.map((cell) => toBytes(cell).toString("utf8").trim());
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw usage("input_columns", `${where} has the column ${JSON.stringify(twice)} twice`, {
        hint: "Rename one of them in the header: a record can have a field only once.",
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
      const text = cells[index] as string;
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
        { hint: "Is it CSV with a header line? The delimiter may be a comma, a semicolon or a tab." },
      );
    }
  }
}
