import { readSync } from "node:fs";

/** Bytes that are read ahead: enough for a page, few enough for a hundred columns. */
const aheadBytes = 256 * 1024;

/** Reads a part of a file from its beginning to its end, some bytes ahead. */
export class ByteWindow {
  #held: Uint8Array = new Uint8Array(0);
  #heldAt: number;

  /**
   * @param file descriptor
   * @param end where reading must stop, such as the file's size
   */
  constructor(
    private readonly file: number,
    public at: number,
    private readonly end: number,
  ) {
    this.#heldAt = at;
  }

  /** Up to `length` bytes from the current place on, without moving it. */
  peek(length: number): Uint8Array {
    const from = this.at - this.#heldAt;
    const hasAll = this.#heldAt + this.#held.length === this.end;
    if (from + length > this.#held.length && !(hasAll && from <= this.#held.length))
      this.#fill(Math.max(length, aheadBytes));
    const start = this.at - this.#heldAt;
    return this.#held.subarray(start, start + length);
  }

  /** A copy of the next bytes. @throws when there are not so many */
  take(length: number): Uint8Array {
    const bytes = this.peek(length);
    if (bytes.length < length) throw new Error(`it is cut off at byte ${this.at + bytes.length}`);
    this.at += length;
    return bytes.slice();
  }

  #fill(length: number) {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.end - this.at)));
    const read = bytes.length === 0 ? 0 : readSync(this.file, bytes, 0, bytes.length, this.at);
    this.#held = bytes.subarray(0, read);
    this.#heldAt = this.at;
  }
}

/** @throws when the file ends before `end` */
export function readRange(file: number, start: number, end: number): ArrayBuffer {
  const buffer = new ArrayBuffer(end - start);
  const read = readSync(file, new Uint8Array(buffer), 0, end - start, start);
  if (read !== end - start) throw new Error(`it ends at byte ${start + read}`);
  return buffer;
}
