/** Units of time by which silver may be partitioned, from the finest to the coarsest; Iceberg's transforms have the same names. */
export const units = ["day", "month", "year"] as const;
export type Unit = (typeof units)[number];

/** Dates as `YYYY-MM-DD`, both included. */
export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/** The first day of the unit that a date lies in. */
export function firstDay(date: string, unit: Unit): string {
  if (unit === "day") return date;
  return unit === "month" ? `${date.slice(0, 7)}-01` : `${date.slice(0, 4)}-01-01`;
}

/** The last day of the unit that a date lies in. */
export function lastDay(date: string, unit: Unit): string {
  return unit === "day" ? date : dayBefore(nextUnit(date, unit));
}

/** The days of whole units, as few ranges: those that follow on each other are one. @param starts their first days, sorted */
export function rangesOf(starts: readonly string[], unit: Unit): DateRange[] {
  const ranges: { from: string; to: string }[] = [];
  let next = "";
  for (const start of starts) {
    const last = ranges.at(-1);
    if (last !== undefined && start === next) last.to = lastDay(start, unit);
    else ranges.push({ from: start, to: lastDay(start, unit) });
    next = nextUnit(start, unit);
  }
  return ranges;
}

/** How many units a range touches at most. */
export const unitsIn = ({ from, to }: DateRange): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs) + 1;

/** How many partitions a unit holds at most, when a partition is another unit. */
export function partitionsIn(unit: Unit, partition: Unit): number {
  if (unit === partition || unit === "day") return 1;
  if (partition === "month") return 12;
  return unit === "year" ? 366 : 31;
}

const dayMs = 86_400_000;

/** The first day of the unit behind the one that a date lies in. */
function nextUnit(date: string, unit: Unit): string {
  const [year = 0, month = 1, day = 1] = firstDay(date, unit).split("-").map(Number);
  const at = new Date(0);
  // Not Date.UTC, for which the year 19 is 1919.
  at.setUTCFullYear(
    unit === "year" ? year + 1 : year,
    unit === "month" ? month : month - 1,
    unit === "day" ? day + 1 : day,
  );
  return at.toISOString().slice(0, 10);
}

const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - dayMs).toISOString().slice(0, 10);
