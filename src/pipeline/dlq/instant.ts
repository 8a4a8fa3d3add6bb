/** A TIMESTAMP_LTZ that a session in UTC has cast to text, in ISO 8601. */
export const instant = (text: unknown): string =>
  new Date(`${String(text).replace(" ", "T")}Z`).toISOString();
