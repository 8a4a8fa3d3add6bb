import { CsvRows } from "../inputs/csv-rows.js";

const delimiters = [",", ";", "\t"] as const;
/** Rows that are looked at. */
const lookedAt = 100;

/**
 * The delimiter by which the first rows have as many cells as the header, and more than one; of two, the one that makes
 * more of them. A text of one column has none: a comma does no harm then.
 *
 * @param head the beginning of the text; its last row may be cut off
 */
export function delimiterOf(head: string): string {
  const scored = delimiters.map((delimiter) => {
    const rows = new CsvRows(delimiter);
    rows.push(head);
    const first = rows.next() ?? lastRow(rows);
    const cells = first?.cells.length ?? 0;
    let like = 0;
    let all = 0;
    for (let row = rows.next(); row && all < lookedAt; row = rows.next()) {
      all++;
      if (!row.broken && row.cells.length === cells) like++;
    }
    const share = all === 0 ? 1 : like / all;
    return { delimiter, score: cells < 2 ? 0 : share * 1000 + Math.min(cells, 900) / 1000 };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

function lastRow(rows: CsvRows) {
  rows.end();
  return rows.next();
}
