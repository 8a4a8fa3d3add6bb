import { CsvRows } from "../inputs/csv-rows.js";

const delimiters = [",", ";", "\t"] as const;
/** Number of rows that are checked. */
const lookedAt = 100;

/**
 * The delimiter by which the first rows have as many cells as the header, and more than one. Of two such delimiters, the one
 * that makes more cells. A text with one column has no delimiter; a comma does no harm then.
 *
 * @param head the beginning of the text; its last row may be truncated
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
