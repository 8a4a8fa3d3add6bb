import { formatDate } from "../timestamp.js";

/** One value of a record. Objects are reused, because creating one costs more than drawing it. */
export interface Value {
  /** Seconds since 1970-01-01 for a time; 0 for text and NULL. */
  readonly number: number;
  /** The value in JSON. */
  readonly token: string;
  /** The token with its field name before it, as in the record; empty for a variable. */
  readonly field: string;
}

const day = 86_400;

// Two small tables stay in the processor's cache. One of all 86,400 seconds would not, and is several times slower.
const two = (value: number) => String(value).padStart(2, "0");
const hoursAndMinutes = Array.from(
  { length: 1440 },
  (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}:`,
);
const seconds = Array.from({ length: 60 }, (_, second) => `${two(second)}"`);

interface DateTexts {
  readonly token: string;
  readonly field: string;
}

/** Writes times as `"YYYY-MM-DD HH:MM:SS"`, and keeps the texts of dates. */
export class TimeValues {
  readonly #dates = new Map<number, DateTexts>();

  /** @param prefix the text before the value in the record */
  constructor(private readonly prefix: string) {}

  /** @param time seconds since 1970-01-01 */
  value(time: number): Value {
    const days = Math.floor(time / day);
    const date = this.#date(days);
    const ofDay = time - days * day;
    const minute = Math.floor(ofDay / 60);
    const clock = `${hoursAndMinutes[minute]}${seconds[ofDay - minute * 60]}`;
    return { number: time, token: date.token + clock, field: date.field + clock };
  }

  #date(days: number) {
    let date = this.#dates.get(days);
    if (date === undefined) {
      // Times advance, so old dates are not needed again.
      if (this.#dates.size > 1000) this.#dates.clear();
      const token = `"${formatDate(days)} `;
      // Flattened, as in keptValue.
      date = { token, field: Buffer.from(this.prefix + token).toString() };
      this.#dates.set(days, date);
    }
    return date;
  }
}
