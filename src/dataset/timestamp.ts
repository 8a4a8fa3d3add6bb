const secondsADay = 86_400;
const millisecondsADay = 86_400_000;

/** `YYYY-MM-DD` of a number of days since 1970-01-01, by the proleptic Gregorian calendar. */
export function formatDate(days: number): string {
  const date = new Date(days * millisecondsADay);
  // Beyond the range of Date (year 275760) the number itself is written, and becomes a dead letter.
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
  const perSecond = BigInt(10 ** digits);
  let seconds = units / perSecond;
  let fraction = units - seconds * perSecond;
  // Division truncates towards zero, but times before 1970 count from the previous second.
  if (fraction < 0n) {
    seconds--;
    fraction += perSecond;
  }
  const tail = fraction === 0n ? "" : `.${String(fraction).padStart(digits, "0").replace(/0+$/, "")}`;
  return formatSeconds(Number(seconds)) + tail;
}

/** The seconds in 64 bits of milliseconds fit a double exactly. */
function formatSeconds(seconds: number): string {
  const days = Math.floor(seconds / secondsADay);
  const ofDay = seconds - days * secondsADay;
  const minutes = Math.floor(ofDay / 60);
  return `${cachedDate(days)} ${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:${pad(ofDay - minutes * 60)}`;
}

const pad = (part: number) => (part < 10 ? `0${part}` : String(part));

/** Rows of one file have few distinct days, and formatting the date is most of the cost of a time. */
const dates = new Map<number, string>();

function cachedDate(days: number): string {
  let date = dates.get(days);
  if (date === undefined) {
    if (dates.size > 5000) dates.clear();
    date = formatDate(days);
    dates.set(days, date);
  }
  return date;
}
