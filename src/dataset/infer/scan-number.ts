const zero = 0x30;
const nine = 0x39;
const maxInt = "2147483647";
const maxLong = "9223372036854775807";

/** Longer numbers are dead letters, whatever their type. */
const longestNumber = 1000;

/** Any number with this many significant digits survives in a DOUBLE, except near the limits of its range. */
const safeDigits = 15;
const safePower = 290;

/**
 * The requirements of one number on a type. One pass over the characters, by JSON's grammar, like the strict reader's
 * NumberScan (flink/cluster): what is not a number here would not be one there.
 */
export class NumberScan {
  /** Written with a point or an exponent. */
  hasFraction = false;
  fitsInt = false;
  fitsLong = false;
  /** Digits before the point, and digits after it up to the last non-zero one. */
  integerDigits = 0;
  fractionDigits = 0;
  /** True when the shortest text of the nearest DOUBLE is exactly this number. */
  survivesDouble = false;
  /** True when no other text of digits means the same integer. */
  isCanonical = false;

  /** True when the text is a number, optionally between blanks. */
  scan(text: string): boolean {
    let from = 0;
    let to = text.length;
    while (from < to && isBlank(text.charCodeAt(from))) from++;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
    const isNegative = text.charCodeAt(from) === 0x2d;
    const first = isNegative ? from + 1 : from;
    let at = first;
    while (at < to && isDigit(text.charCodeAt(at))) at++;
    const digits = at - first;
    if (digits === 0 || (digits > 1 && text.charCodeAt(first) === zero) || to - from > longestNumber)
      return false;
    if (at < to) return this.#fraction(text, from, first, at, to);
    this.hasFraction = false;
    this.integerDigits = digits;
    this.fractionDigits = 0;
    this.fitsInt = digits < 10 || (digits === 10 && fits(text, first, maxInt, isNegative));
    this.fitsLong = digits < 19 || (digits === 19 && fits(text, first, maxLong, isNegative));
    this.survivesDouble = digits <= safeDigits || survives(text.slice(from, to));
    this.isCanonical =
      to - from === text.length && !(isNegative && digits === 1 && text.charCodeAt(first) === zero);
    return true;
  }

  /** @param point end of the digits before the point or the exponent */
  #fraction(text: string, from: number, first: number, point: number, to: number): boolean {
    let at = point;
    let lastNonZero = -1;
    if (text.charCodeAt(at) === 0x2e) {
      const start = ++at;
      for (; at < to && isDigit(text.charCodeAt(at)); at++) {
        if (text.charCodeAt(at) !== zero) lastNonZero = at;
      }
      if (at === start) return false;
    }
    const end = at;
    let power = 0;
    const mark = text.charCodeAt(at);
    if (at < to && (mark === 0x65 || mark === 0x45)) {
      const sign = text.charCodeAt(++at);
      if (sign === 0x2d || sign === 0x2b) at++;
      const start = at;
      for (; at < to && isDigit(text.charCodeAt(at)); at++)
        power = Math.min(1_000_000, power * 10 + text.charCodeAt(at) - zero);
      if (at === start) return false;
      if (sign === 0x2d) power = -power;
    }
    if (at !== to) return false;
    this.hasFraction = true;
    this.fitsInt = false;
    this.fitsLong = false;
    this.isCanonical = false;
    if (power === 0) {
      this.integerDigits = point - first;
      this.fractionDigits = lastNonZero < 0 ? 0 : lastNonZero - point;
      this.survivesDouble = end - first <= safeDigits + 1 || survives(text.slice(from, to));
      return true;
    }
    const { digits, exponent } = significant(text.slice(first, end), power);
    this.fractionDigits = Math.max(0, -exponent);
    this.integerDigits = digits === "" ? 1 : Math.max(1, digits.length + exponent);
    this.survivesDouble =
      digits === "" ||
      (digits.length <= safeDigits && Math.abs(exponent) < safePower) ||
      survives(text.slice(from, to));
    return true;
  }
}

const isDigit = (code: number) => code >= zero && code <= nine;
/** The whitespace that the strict reader accepts around a number that is sent as text. */
const isBlank = (code: number) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

/** True when digits, as many as the limit has, do not exceed it. For negative numbers the limit is one more. */
function fits(text: string, first: number, limit: string, isNegative: boolean): boolean {
  for (let index = 0; index < limit.length; index++) {
    const difference = text.charCodeAt(first + index) - limit.charCodeAt(index);
    const isLast = index === limit.length - 1;
    if (difference !== 0) return difference < 0 || (isLast && isNegative && difference === 1);
  }
  return true;
}

/** A number as its digits without leading and trailing zeros, and the power of ten of the last digit. */
function significant(mantissa: string, power: number): { digits: string; exponent: number } {
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  return { digits, exponent: digits === "" ? 0 : power - fraction.length + all.length - digits.length };
}

/** True when the shortest text that reads back as the nearest DOUBLE is the same number. */
function survives(text: string): boolean {
  const value = Number(text);
  const shortest = String(value);
  if (shortest === text) return true;
  if (!Number.isFinite(value)) return false;
  const sent = parts(text.startsWith("-") ? text.slice(1) : text);
  const kept = parts(shortest.replace(/^-/, ""));
  return sent.digits === kept.digits && sent.exponent === kept.exponent;
}

/** @param number without a sign */
function parts(number: string): { digits: string; exponent: number } {
  const [mantissa = "", power = "0"] = number.toLowerCase().split("e");
  return significant(mantissa, Number(power));
}
