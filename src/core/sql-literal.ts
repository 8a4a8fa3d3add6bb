/** A text as SQL writes it: nothing in it can end the quotes. Flink's literals know no backslash. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
