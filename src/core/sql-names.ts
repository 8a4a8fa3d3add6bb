/** What SQL is made of where names count: comments, texts, quoted names, words, and everything else. */
const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|`(?:[^`]|``)*`|[\p{L}_$][\p{L}\p{N}_$]*|[\s\S]/gu;

/** The same SQL with one name changed, quoted or not. Comments and texts stay, and so does every other name. Pure. */
export const renamedIn = (sql: string, from: string, to: string): string =>
  sql.replace(token, (part) => (part === from ? to : part === `\`${from}\`` ? `\`${to}\`` : part));
