import { CsvRows, type Row } from "../inputs/csv-rows.js";
import { delimiters } from "../inputs/csv-start.js";

/** Number of rows that are checked. */
const lookedAt = 100;

/**
 * The delimiter by which the first rows have as many cells as the header, and more than one. Of two such delimiters, the one
 * that makes more cells. A text with one column has no delimiter; a comma does no harm then.
 *
 * @param head the beginning of the text; its last row may be truncated
 */
export function delimiterOf(head: string, newline: "\n" | "\r" = "\n"): string {
  const scored = delimiters.map((delimiter) => {
    const [first, ...others] = firstRows(head, delimiter, newline, true);
    const cells = first?.cells.length ?? 0;
    const like = others.filter((row) => !row.broken && row.cells.length === cells).length;
    const share = others.length === 0 ? 1 : like / others.length;
    return { delimiter, score: cells < 2 ? 0 : share * 1000 + Math.min(cells, 900) / 1000 };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

/**
 * The first row, and up to a hundred complete ones behind it.
 *
 * @param isWhole when nothing follows the head: then a first row may be without its end
 */
export function firstRows(head: string, delimiter: string, newline: "\n" | "\r", isWhole: boolean): Row[] {
  const rows = new CsvRows(delimiter, newline);
  rows.push(head);
  const found: Row[] = [];
  for (let row = rows.next(); row && found.length <= lookedAt; row = rows.next()) found.push(row);
  if (found.length > 0 || !isWhole) return found;
  rows.end();
  const last = rows.next();
  return last ? [last] : [];
}

/** Characters that separate cells elsewhere, with their names. */
const otherDelimiters: readonly (readonly [character: string, name: string])[] = [
  ["\u0001", "control character 1 (of Hive)"],
  ["\u001f", "control character 31"],
  ["^", "^"],
  ["~", "~"],
  [":", "colon"],
  ["/", "/"],
  [" ", "space"],
];

/** Rows that show a separator. */
const leastRows = 2;

/**
 * What seems to separate cells in rows that have a single one: a character that each has just as often as the first row.
 *
 * @returns its name; undefined when there is none
 */
export function unknownDelimiter(rows: readonly Row[]): string | undefined {
  const [first, ...others] = rows;
  if (first === undefined || others.length < leastRows) return undefined;
  return otherDelimiters.find(([character]) => {
    // Columns of a fixed width have several blanks between them.
    const times = ({ raw }: Row) => raw.trim().split(character === " " ? / +/ : character).length - 1;
    return times(first) > 0 && others.every((row) => times(row) === times(first));
  })?.[1];
}
