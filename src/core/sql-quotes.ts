/** An SQL string literal. Nothing in the text can end the quotes; Flink's literals have no backslash escapes. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A quoted SQL identifier, whatever characters it has. */
export const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
