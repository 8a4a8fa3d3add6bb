/** A text as SQL writes it: nothing in it can end the quotes. Flink's literals know no backslash. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as SQL writes it, whatever characters it has. */
export const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
