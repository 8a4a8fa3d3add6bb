import { toBytes } from "../inputs/row-encoder.js";
import { Evidence } from "./evidence.js";
import { scalarGuess } from "./scalar-guess.js";

/**
 * True when a first row looks like a record and not like a header: some of its cells are values as the rows below have them,
 * and none is text above values that are no text.
 *
 * @param rows some of the rows below it
 */
export function looksLikeRecord(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  let isLike = false;
  for (const [index, cell] of first.entries()) {
    if (cell === "") continue;
    const values = rows.flatMap((row) => (row.length === first.length && row[index] ? [row[index]] : []));
    if (values.length === 0) continue;
    const below = typeOf(values);
    const above = typeOf([cell]);
    if (below === "STRING") {
      // A name that is a value, too, is hardly a name.
      isLike ||= values.includes(cell);
    } else if (above === "STRING") return false;
    else isLike ||= familyOf(above) === familyOf(below);
  }
  return isLike;
}

function typeOf(values: readonly string[]): string {
  const seen = new Evidence();
  for (const value of values) seen.addCell(value, 1);
  return scalarGuess(seen).type;
}

const familyOf = (type: string) => (/^(INT|BIGINT|DECIMAL|DOUBLE)/.test(type) ? "number" : type);

/** The first cells, for a message. */
export const shownCells = (cells: readonly string[]): string => {
  const some = cells.slice(0, 4).map((cell) => JSON.stringify(toBytes(cell.slice(0, 40)).toString("utf8")));
  return [...some, ...(cells.length > 4 ? ["…"] : [])].join(", ");
};
