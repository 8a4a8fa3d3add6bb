/** 1234567 -> "1,234,567": the same on every machine, whatever its locale. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Bytes as a person reads them: "812 B", "3.4 MB" (powers of 1,000). */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds as a person reads them: "0.4 s", "12.3 s", "2 min 5 s". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 90) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "bronze, dlq or silver". */
export const joined = (words: readonly string[], last: "and" | "or"): string =>
  words.join(", ").replace(/, ([^,]*)$/, ` ${last} $1`);

/** "1 job", "3 jobs". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A TIMESTAMP_LTZ that a UTC session has cast to text, in ISO 8601; unchanged where JavaScript has no such time, such as the year 10000. */
export function instant(text: unknown): string {
  if (text === null || text === undefined) return "unknown";
  const date = new Date(`${String(text).replace(" ", "T")}Z`);
  return Number.isNaN(date.getTime()) ? String(text) : date.toISOString();
}
