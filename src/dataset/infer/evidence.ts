import type { DateRange } from "../unit.js";
import { NumberScan } from "./scan-number.js";
import { TimeScan } from "./scan-time.js";

const number = new NumberScan();
const time = new TimeScan();

/** After this many values that include a text, another text changes nothing. */
const enough = 1000;

/** A copy of the text: a slice would keep the whole original in memory, and a record can have megabytes. */
export const ownCopy = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

/** The form of a text that is not a value of a narrower type. */
export type TextForm = "text" | "padded" | "slashed" | "impossible" | "number" | "boolean";

/**
 * Evidence about the scalar values of one column or field: counts and extremes, so that its size does not grow with the input.
 */
export class Evidence {
  /** Values that are not NULL. */
  values = 0;
  /** Integers, and numbers written with a point or an exponent. */
  wholes = 0;
  fractions = 0;
  fitsInt = true;
  fitsLong = true;
  integerDigits = 0;
  fractionDigits = 0;
  survivesDouble = true;
  booleans = 0;
  dates = 0;
  local = 0;
  utc = 0;
  offsets = 0;
  /** The first and the last day of dates and times, as 20260131. */
  firstDay = Number.POSITIVE_INFINITY;
  lastDay = 0;
  /** The largest number of digits needed for fractions of a second. */
  secondDigits = 0;
  texts = 0;
  /** The first text: its form, its characters (latin1) and the number of its record. */
  example: { readonly form: TextForm; readonly text: string; readonly record: number } | undefined;
  /**
   * True when different texts may mean the same value, such as `1` and `1.0`: then texts cannot show whether values are
   * distinct.
   */
  isAmbiguous = false;

  #separators = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;
  #endsInZero = false;

  /** A non-empty cell of a text file: it may be a value of any type. */
  addCell(text: string, record: number): void {
    if (this.#isSettled()) return;
    this.values++;
    const first = text.charCodeAt(0);
    if ((first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x20 || first === 0x09) {
      if (number.scan(text)) this.#number();
      else if (!this.#time(text)) this.#text(looksLike(text), text, record);
    } else if (text === "true" || text === "false") this.booleans++;
    else this.#text(first === 0x2b ? "padded" : "text", text, record);
  }

  /** The text of a JSON number. */
  addNumber(text: string, record: number): void {
    this.values++;
    if (number.scan(text)) this.#number();
    else this.#text("text", text, record);
  }

  addBoolean(): void {
    this.values++;
    this.booleans++;
  }

  /** A JSON string: text, a date or a time. Quoted numbers and booleans stay text, as the sender has chosen. */
  addString(text: string, record: number): void {
    if (this.#isSettled()) return;
    this.values++;
    const first = text.charCodeAt(0);
    if (!(first >= 0x30 && first <= 0x39) && first !== 0x2d) {
      this.#text(text === "true" || text === "false" ? "boolean" : "text", text, record);
    } else if (!this.#time(text)) this.#text(number.scan(text) ? "number" : looksLike(text), text, record);
  }

  /** The days that dates and times span; undefined without any. */
  get span(): DateRange | undefined {
    const text = (day: number) =>
      String(day)
        .padStart(8, "0")
        .replace(/(....)(..)(..)/, "$1-$2-$3");
    return this.lastDay === 0 ? undefined : { from: text(this.firstDay), to: text(this.lastDay) };
  }

  merge(other: Evidence): void {
    this.values += other.values;
    this.wholes += other.wholes;
    this.fractions += other.fractions;
    this.fitsInt &&= other.fitsInt;
    this.fitsLong &&= other.fitsLong;
    this.integerDigits = Math.max(this.integerDigits, other.integerDigits);
    this.fractionDigits = Math.max(this.fractionDigits, other.fractionDigits);
    this.survivesDouble &&= other.survivesDouble;
    this.booleans += other.booleans;
    this.dates += other.dates;
    this.local += other.local;
    this.utc += other.utc;
    this.offsets += other.offsets;
    this.firstDay = Math.min(this.firstDay, other.firstDay);
    this.lastDay = Math.max(this.lastDay, other.lastDay);
    this.secondDigits = Math.max(this.secondDigits, other.secondDigits);
    this.texts += other.texts;
    this.example ??= other.example;
    this.isAmbiguous = true;
  }

  #isSettled(): boolean {
    if (this.texts === 0 || this.values < enough) return false;
    this.values++;
    this.texts++;
    return true;
  }

  #number(): void {
    if (number.hasFraction) this.fractions++;
    else this.wholes++;
    if (!number.fitsInt) {
      this.fitsInt = false;
      if (!number.fitsLong) this.fitsLong = false;
    }
    if (number.integerDigits > this.integerDigits) this.integerDigits = number.integerDigits;
    if (number.fractionDigits > this.fractionDigits) this.fractionDigits = number.fractionDigits;
    if (!number.survivesDouble) this.survivesDouble = false;
    if (!number.isCanonical) this.isAmbiguous = true;
  }

  /** @returns false when the text is not a time */
  #time(text: string): boolean {
    const form = time.scan(text);
    if (form === "none" || form === "impossible") return false;
    if (time.day < this.firstDay) this.firstDay = time.day;
    if (time.day > this.lastDay) this.lastDay = time.day;
    if (form === "date") {
      this.dates++;
      return true;
    }
    if (form === "local") this.local++;
    else if (form === "utc") this.utc++;
    else this.offsets++;
    if (time.needed > this.secondDigits) this.secondDigits = time.needed;
    this.#separators |= time.hasT ? 1 : 2;
    if (time.written < this.#shortest) this.#shortest = time.written;
    if (time.written > this.#longest) this.#longest = time.written;
    if (time.needed < time.written) this.#endsInZero = true;
    if (this.#separators === 3 || form === "offset" || (this.#shortest < this.#longest && this.#endsInZero))
      this.isAmbiguous = true;
    return true;
  }

  #text(form: TextForm, text: string, record: number): void {
    this.texts++;
    this.example ??= { form, text: ownCopy(text.slice(0, 200)), record };
  }
}

function looksLike(text: string): TextForm {
  const form = time.scan(text);
  if (form === "impossible") return "impossible";
  if (/^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}(?!\d)/.test(text)) return "slashed";
  return /^[-+]?0\d+$/.test(text) ? "padded" : "text";
}
