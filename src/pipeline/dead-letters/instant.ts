/** A TIMESTAMP_LTZ that a session in UTC has cast to text, in ISO 8601; as it is where JavaScript knows no such time, such as the year 10000. */
export function instant(text: unknown): string {
  if (text === null || text === undefined) return "unknown";
  const date = new Date(`${String(text).replace(" ", "T")}Z`);
  return Number.isNaN(date.getTime()) ? String(text) : date.toISOString();
}
