import { usage } from "../../core/errors.js";
import { jsonBytes } from "./json-bytes.js";

/** The size limit of a record. Reading anything longer to its end could fill the memory. */
export const maxRecordBytes = 64 * 1024 * 1024;

/** Splits a stream of bytes into records, and returns each record as soon as it is complete. */
export interface Splitter {
  push(chunk: Buffer): Iterable<Buffer>;
  /** Returns the rest at the end of the input. */
  end(): Iterable<Buffer>;
}

const { openBrace, closeBrace, openBracket, closeBracket, quote, backslash, comma } = jsonBytes;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** The position in the JSON at the end of a chunk. */
type Place = "between" | "bare" | "text" | "escape" | "nested" | "nested text" | "nested escape";

/**
 * Splits JSON into values without changing a byte: the elements of an array, or consecutive values (with or without commas
 * between them), however many lines each has. It only counts brackets and quotes; the reader decides whether a value is valid JSON. An incomplete value at the end is
 * returned as well. So no part of the input is lost, and no more than one value is held in memory.
 */
export class JsonValues implements Splitter {
  /** The parts of an incomplete value. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #place: Place = "between";
  #depth = 0;
  #inArray = false;
  #isFirst = true;

  /** @param where names the input in errors */
  constructor(private readonly where: string) {}

  /** @throws usage error `input_format` for a value that is larger than the limit of a record */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = this.#isFirst && byteOrderMark.every((byte, index) => chunk[index] === byte) ? 3 : 0;
    this.#isFirst = false;
    let start = 0;
    let place = this.#place;
    let depth = this.#depth;
    let inArray = this.#inArray;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      switch (place) {
        case "between":
          if (byte <= 0x20 || byte === comma) break;
          if (byte === (inArray ? closeBracket : openBracket)) {
            inArray = !inArray;
            break;
          }
          start = at;
          depth = 1;
          place = byte === openBrace || byte === openBracket ? "nested" : byte === quote ? "text" : "bare";
          break;
        case "nested":
          if (byte === quote) place = "nested text";
          else if (byte === openBrace || byte === openBracket) depth++;
          else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) {
            place = "between";
            yield this.#take(chunk, start, at + 1);
          }
          break;
        case "nested text":
          if (byte === quote) place = "nested";
          else if (byte === backslash) place = "nested escape";
          break;
        case "nested escape":
          place = "nested text";
          break;
        case "text":
          if (byte === backslash) place = "escape";
          else if (byte === quote) {
            place = "between";
            yield this.#take(chunk, start, at + 1);
          }
          break;
        case "escape":
          place = "text";
          break;
        case "bare":
          // A number or a word. The byte after it is processed again.
          if (byte <= 0x20 || (inArray && (byte === comma || byte === closeBracket))) {
            place = "between";
            yield this.#take(chunk, start, at);
            at--;
          }
      }
    }
    this.#place = place;
    this.#depth = depth;
    this.#inArray = inArray;
    if (place !== "between") this.#hold(chunk.subarray(start));
  }

  /** @throws usage error `input_format` when the array is not closed */
  *end(): Generator<Buffer> {
    if (this.#heldBytes > 0) yield this.#take(Buffer.alloc(0), 0, 0);
    if (this.#inArray) {
      throw usage("input_format", `${this.where} ends within its JSON array: it is cut off`, {
        hint: "Fetch it again.",
      });
    }
  }

  #hold(part: Buffer) {
    this.#held.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes > maxRecordBytes) {
      throw usage(
        "input_format",
        `${this.where} has a JSON value of more than ${maxRecordBytes / 1024 / 1024} MiB`,
        { hint: "A record may have up to 10 MiB: split it first." },
      );
    }
  }

  #take(chunk: Buffer, start: number, end: number): Buffer {
    if (this.#heldBytes === 0) return chunk.subarray(start, end);
    // A value that began in an earlier chunk continues at the beginning of this one.
    const value = Buffer.concat([...this.#held, chunk.subarray(0, end)]);
    this.#held = [];
    this.#heldBytes = 0;
    return value;
  }
}
