import { Random } from "./random.js";
import type { SyntheticSpec } from "./spec.js";

const day = 86_400;
const hour = 3600;

/**
 * Event times in whole seconds, all different. Time is divided into spans of some weeks, and each hour of a span into slots in
 * proportion to its weight, none shorter than a second. A span's slots are used once each, in shuffled order, with a random
 * second within the slot; then the next span follows. So the shares of hours and weekdays are right after a few thousand
 * records already, and the generator can continue indefinitely in the same memory (8 bytes per slot).
 */
export class EventTimes {
  readonly #starts: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #order: Uint32Array;
  readonly #random: Random;
  readonly #spanSeconds: number;
  #span = -1;
  #used: number;

  /** @param firstDay days since 1970-01-01 */
  constructor(
    spec: SyntheticSpec["event_time"],
    private readonly seed: number,
    private readonly firstDay: number,
  ) {
    this.#spanSeconds = spec.days * day;
    const starts: number[] = [];
    const lengths: number[] = [];
    const busiest = Math.max(...spec.hours) * Math.max(...spec.weekdays);
    for (let index = 0; index < spec.days * 24; index++) {
      const weekday = weekdayOf(firstDay + Math.floor(index / 24));
      const weight = (spec.hours[index % 24] ?? 0) * (spec.weekdays[weekday] ?? 0);
      const slots = Math.floor((weight / busiest) * spec.peak_per_hour);
      for (let slot = 0; slot < slots; slot++) {
        const start = Math.ceil((slot * hour) / slots);
        starts.push(index * hour + start);
        lengths.push(Math.ceil(((slot + 1) * hour) / slots) - start);
      }
    }
    this.#starts = Uint32Array.from(starts);
    this.#lengths = Uint16Array.from(lengths);
    this.#order = Uint32Array.from(starts.keys());
    this.#used = this.#order.length;
    this.#random = new Random(seed, 1);
  }

  /** Seconds since 1970-01-01. */
  next(): number {
    if (this.#used === this.#order.length) this.#nextSpan();
    const slot = this.#order[this.#used++] ?? 0;
    const within = this.#random.below(this.#lengths[slot] ?? 1);
    return this.firstDay * day + this.#span * this.#spanSeconds + (this.#starts[slot] ?? 0) + within;
  }

  #nextSpan() {
    this.#span++;
    this.#used = 0;
    const random = new Random(this.seed, 2, this.#span);
    const order = this.#order;
    // Fisher-Yates
    for (let last = order.length - 1; last > 0; last--) {
      const other = random.below(last + 1);
      const held = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = held;
    }
  }
}

/** 0 is Monday; 1970-01-01 was a Thursday. */
export const weekdayOf = (days: number) => (((days + 3) % 7) + 7) % 7;

export const hourOf = (seconds: number) => Math.floor((((seconds % day) + day) % day) / hour);

export const dayOf = (seconds: number) => Math.floor(seconds / day);
