/** The set doubles before it gets fuller than this, so that a lookup probes two places on average. */
const fullness = 0.6;

/**
 * A set of 64-bit hashes, with eight bytes per place. Two values with the same hash count as equal. A column may therefore be
 * rejected as a key (once in ten million columns of a million values), but never wrongly accepted.
 */
export class HashSet {
  #places: Int32Array;
  #mask: number;
  #limit: number;
  size = 0;

  constructor(places = 64) {
    this.#places = new Int32Array(places * 2);
    this.#mask = places - 1;
    this.#limit = Math.floor(places * fullness);
  }

  get places(): number {
    return this.#mask + 1;
  }

  /** True when the next hash doubles the set. */
  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  /** False when the set has the hash already. */
  add(low: number, high: number): boolean {
    if (this.isFull) this.#grow();
    if (!this.#put(low, high)) return false;
    this.size++;
    return true;
  }

  #put(low: number, high: number): boolean {
    // 0, 0 marks an empty place.
    const first = low === 0 && high === 0 ? 1 : low;
    const places = this.#places;
    for (let place = first & this.#mask; ; place = (place + 1) & this.#mask) {
      const there = places[2 * place];
      const thereHigh = places[2 * place + 1];
      if (there === 0 && thereHigh === 0) {
        places[2 * place] = first;
        places[2 * place + 1] = high;
        return true;
      }
      if (there === first && thereHigh === high) return false;
    }
  }

  #grow(): void {
    const old = this.#places;
    const places = this.places * 2;
    this.#places = new Int32Array(places * 2);
    this.#mask = places - 1;
    this.#limit = Math.floor(places * fullness);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at] as number;
      const high = old[at + 1] as number;
      if (low !== 0 || high !== 0) this.#put(low, high);
    }
  }
}

/** The two halves of a text's 64-bit hash, from the last call of `hash`: Murmur's mixing, one character at a time. */
export const hashed = { low: 0, high: 0 };

export function hash(text: string): void {
  let low = 0x9747b28c | 0;
  let high = 0x3c6ef372 | 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x5bd1e995);
    low ^= low >>> 15;
    high = Math.imul(high ^ code, 0x27d4eb2f);
    high ^= high >>> 13;
  }
  hashed.low = mixed(low ^ text.length);
  hashed.high = mixed(Math.imul(high, 0x165667b1) ^ low);
}

export function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
