import { quoted } from "../core/sql-quotes.js";
import type { Dataset } from "../dataset/types.js";

/** The schema that the strict reader checks records against: the type of each field, and the fields that must have a value. */
export function recordSchema({ columns }: Dataset): { readonly schema: string; readonly notNull: string } {
  const fields = columns.map(({ source, type }) => `${quoted(source)} ${type}`);
  const notNull = columns.filter(({ nullable }) => !nullable).map(({ source }) => source);
  return { schema: `ROW<${fields.join(", ")}>`, notNull: JSON.stringify(notNull) };
}
