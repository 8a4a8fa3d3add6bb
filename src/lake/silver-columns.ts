import { quoted } from "../core/sql-quotes.js";
import type { Column, Dataset } from "../dataset/types.js";

export interface SilverColumn {
  readonly name: string;
  readonly type: string;
  /** SQL over bronze columns. */
  readonly expr: string;
  readonly doc: string;
}

/** Silver's columns, in order: the id, the dataset's columns under their silver names, the partition, the derived ones. */
export function silverColumns(dataset: Dataset): SilverColumn[] {
  const { columns, silver } = dataset;
  const key = silver.naturalKey
    // A NULL must differ from every text, and no text may run into its neighbour.
    .map(
      (name) =>
        `COALESCE(${keyText(
          columns.find((column) => column.name === name),
          name,
        )}, '\\N')`,
    )
    .join(", '|', ");
  return [
    {
      name: silver.id,
      type: "STRING",
      expr: `MD5(CONCAT(${key}))`,
      doc: `MD5 of ${silver.naturalKey.join(", ")}, joined by |`,
    },
    ...columns.flatMap(({ name, silver: silverName, type, description }) =>
      silverName === null ? [] : [{ name: silverName, type, expr: quoted(name), doc: description }],
    ),
    ...[silver.partitionBy, ...silver.derived].map(({ name, type, expr, description }) => ({
      name,
      type,
      expr,
      doc: description,
    })),
  ];
}

/** The SQL condition that a row of bronze must meet to be in silver. */
export const silverCondition = ({ silver }: Dataset): string =>
  silver.filters.map((filter) => `(${filter})`).join(" AND ");

/** A key column as text in which `|` and `\\` only separate and mark. */
function keyText(column: Column | undefined, name: string): string {
  return column?.parsedType.kind === "string"
    ? `REPLACE(REPLACE(${quoted(name)}, '\\', '\\\\'), '|', '\\|')`
    : `CAST(${quoted(name)} AS STRING)`;
}
