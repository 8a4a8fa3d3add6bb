const secondsADay = 86_400n;

/** `YYYY-MM-DD` of a number of days since 1970-01-01, by the proleptic Gregorian calendar. */
export function formatDate(days: number): string {
  const date = new Date(days * 86_400_000);
  // Past what a Date can hold (year 275760) there is no date to write; the number becomes a dead letter.
  if (Number.isNaN(date.getTime())) return String(days);
  return date.toISOString().split("T")[0] ?? "";
}

/**
 * `YYYY-MM-DD HH:MM:SS[.fraction]` of a time since 1970-01-01 UTC, exact and without trailing zeros.
 *
 * @param units how many units of 10^-digits seconds
 * @param digits 3, 6 or 9
 */
export function formatTimestamp(units: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const [seconds, fraction] = floorDivide(units, perSecond);
  const [days, rest] = floorDivide(seconds, secondsADay);
  const ofDay = Number(rest);
  const clock = [ofDay / 3600, (ofDay / 60) % 60, ofDay % 60].map((part) => pad(Math.floor(part))).join(":");
  const tail = fraction === 0n ? "" : `.${String(fraction).padStart(digits, "0").replace(/0+$/, "")}`;
  return `${formatDate(Number(days))} ${clock}${tail}`;
}

const pad = (part: number) => String(part).padStart(2, "0");

/** Times before 1970 are negative: the rest must not be. */
function floorDivide(value: bigint, by: bigint): [bigint, bigint] {
  const rest = ((value % by) + by) % by;
  return [(value - rest) / by, rest];
}
