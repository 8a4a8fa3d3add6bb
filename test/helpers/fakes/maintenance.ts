import type { House, Row } from "./batch-jobs.js";

type Operation = Readonly<Record<string, string>>;

/** Our own job on a table's files and rows. A fake table has one file for each Kafka partition that is broken. @returns its results */
export function runMaintenance(house: House, work: string): string {
  const results = (JSON.parse(work) as Operation[]).map((operation) => {
    try {
      return tasks[operation.task ?? ""]?.(house, operation) ?? { error: `no task ${operation.task}` };
    } catch (error) {
      return { error: (error as Error).message };
    }
  });
  return JSON.stringify(results);
}

const idOf = ({ namespace = "", table = "" }: Operation) => ({ namespace, table });

const tasks: Readonly<Record<string, (house: House, operation: Operation) => object>> = {
  unreadable: (house, operation) => {
    const rows = house.catalog.rows(idOf(operation), operation.from);
    const broken = rows.filter((row) => house.unreadable(operation.table ?? "", row));
    const files = [...new Set(broken.map(({ partition }) => partition))].map((partition) => {
      const offsets = broken.filter((row) => row.partition === partition).map(({ offset }) => offset);
      const [min, max] = [Math.min(...offsets), Math.max(...offsets)];
      return { path: `file:/${partition}`, why: "it is gone", rows: offsets.length, partition, min, max };
    });
    return { files: files.length, broken: files };
  },
  files: (house, operation) => {
    const paths = operation.paths?.split("\n") ?? [];
    const isIn = (row: Row) =>
      house.unreadable(operation.table ?? "", row) && paths.includes(`file:/${row.partition}`);
    house.catalog.write(idOf(operation), {
      operation: "delete",
      summary: { "pipectl.repair": "files" },
      change: (rows) => rows.filter((row) => !isIn(row)),
    });
    return { files: paths.length };
  },
  rows: (house, operation) => {
    const id = idOf(operation);
    if (house.catalog.head(id) !== operation.from) throw new Error("the table is no longer there");
    const [drop, once] = [operation.drop, operation.once].map((text) => placesIn(text ?? ""));
    const kept = new Set<string>();
    house.catalog.write(id, {
      operation: "overwrite",
      summary: { "pipectl.repair": "rows" },
      change: (rows) =>
        rows.filter((row) => {
          const at = `${row.incarnation}/${row.partition}/${row.offset}`;
          if (drop?.(row) === true) return false;
          const again = once?.(row) === true && kept.has(at);
          kept.add(at);
          return !again;
        }),
    });
    return { rows: 0, files: 1 };
  },
};

function placesIn(text: string): (row: Row) => boolean {
  const ranges = [...text.matchAll(/(\d+)\/(\d+)\/(\d+)-(\d+)/g)].map((found) => found.slice(1).map(Number));
  return ({ incarnation, partition, offset }) =>
    ranges.some(
      ([i, p, first = 0, last = 0]) =>
        i === incarnation && p === partition && offset >= first && offset <= last,
    );
}
