/** The form of a text as a date or a time. */
export type TimeForm = "date" | "local" | "utc" | "offset" | "none" | "impossible";

const zero = 0x30;
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Dates and times in the forms that the strict reader's TimeScan (flink/cluster) accepts: `yyyy-MM-dd`, optionally followed by
 * ` ` or `T` and `HH:mm:ss[.fraction]`, and then by nothing, `Z` or `±HH:mm`.
 */
export class TimeScan {
  /** Fractional digits of the second up to the last non-zero one, and as written. */
  needed = 0;
  written = 0;
  hasT = false;
  /** The day as a number, 20260131. */
  day = 0;

  /** `impossible` has the form, but the day, time or offset does not exist. */
  scan(text: string): TimeForm {
    const { length } = text;
    if (length < 10 || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return "none";
    const year = two(text, 0) * 100 + two(text, 2);
    const month = two(text, 5);
    const day = two(text, 8);
    if (Number.isNaN(year + month + day)) return "none";
    const isDay =
      month >= 1 &&
      month <= 12 &&
      day >= 1 &&
      day <= (daysInMonth[month - 1] as number) &&
      (month !== 2 || day < 29 || isLeap(year));
    this.day = (year * 100 + month) * 100 + day;
    if (length === 10) return isDay ? "date" : "impossible";
    const form = this.#time(text);
    return form === "none" || isDay ? form : "impossible";
  }

  #time(text: string): TimeForm {
    const separator = text.charCodeAt(10);
    if (separator !== 0x20 && separator !== 0x54) return "none";
    if (text.length < 19 || text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return "none";
    const hour = two(text, 11);
    const minute = two(text, 14);
    const second = two(text, 17);
    if (Number.isNaN(hour + minute + second)) return "none";
    this.hasT = separator === 0x54;
    this.needed = 0;
    let at = 19;
    if (text.charCodeAt(at) === 0x2e) {
      const start = ++at;
      for (; isDigit(text.charCodeAt(at)); at++)
        if (text.charCodeAt(at) !== zero) this.needed = at - start + 1;
      if (at === start) return "none";
      this.written = at - start;
    } else {
      this.written = 0;
    }
    const form = zone(text, at);
    return form === "none" || (hour <= 23 && minute <= 59 && second <= 59) ? form : "impossible";
  }
}

function zone(text: string, at: number): TimeForm {
  if (at === text.length) return "local";
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1 === text.length ? "utc" : "none";
  if ((sign !== 0x2b && sign !== 0x2d) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 0x3a)
    return "none";
  const hours = two(text, at + 1);
  const minutes = two(text, at + 4);
  if (Number.isNaN(hours + minutes)) return "none";
  // The largest offset that java.time accepts.
  return minutes <= 59 && hours * 60 + minutes <= 18 * 60 ? "offset" : "impossible";
}

const isDigit = (code: number) => code >= zero && code <= 0x39;
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Two digits as a number; NaN when they are not digits. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero;
  const ones = text.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
