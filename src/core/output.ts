/** Thrown when something would be larger than we read. */
export class TooLarge extends Error {
  constructor(readonly limit: number) {
    super(`it has more than ${limit / 1024 / 1024} MiB when it is decompressed`);
  }
}

/** What a decompressor has written so far: it grows up to a limit, and copies from itself. */
export class Output {
  #bytes: Buffer;
  #length = 0;

  /**
   * @param limit the most bytes that it may have
   * @param expected how many it will have, as far as that is known
   */
  constructor(
    readonly limit: number,
    expected = 64 * 1024,
  ) {
    // Memory of its own, not a part of Node's pool.
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(limit, expected));
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Repeats `length` bytes that begin `distance` bytes before the end; they may overlap what is being written. */
  copy(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new Error("it copies from before its beginning");
    this.#makeRoom(length);
    const [bytes, from, end] = [this.#bytes, this.#length - distance, this.#length + length];
    if (distance >= length) bytes.copyWithin(this.#length, from, from + length);
    else for (let at = this.#length; at < end; at++) bytes[at] = bytes[at - distance] as number;
    this.#length = end;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed > this.limit) throw new TooLarge(this.limit);
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.limit, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
