/** A column of a table: its heading, and whether its cells are figures, which are aligned right. */
export interface TableColumn {
  readonly title: string;
  readonly right?: boolean;
}

/** Lays out rows under headings; columns are two spaces apart. Width is counted in characters without colour codes. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[i] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? "";
        const gap = " ".repeat(Math.max(0, (widths[i] ?? 0) - width(cell)));
        return column.right ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join("\n");
}

function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes have no width
  return [...text.replace(/\u001b\[[0-9;]*m/g, "")].length;
}
