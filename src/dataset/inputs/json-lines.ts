import { usage } from "../../core/errors.js";
import { maxRecordBytes, type Splitter } from "./json-values.js";

const newline = 0x0a;

/**
 * Splits JSON lines without changing a byte. Lines with only whitespace are not records, and line ends (LF or CRLF) and a byte
 * order mark are not part of one.
 */
export class JsonLines implements Splitter {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isFirst = true;

  /** @param where names the input in errors */
  constructor(private readonly where: string) {}

  /** @throws usage error `input_format` for a line that is longer than the limit of a record */
  *push(chunk: Buffer): Generator<Buffer> {
    const last = chunk.lastIndexOf(newline);
    this.#waiting.push(last < 0 ? chunk : chunk.subarray(0, last + 1));
    this.#waitingBytes += chunk.length;
    if (last >= 0) {
      const [first] = this.#waiting;
      const lines = this.#waiting.length === 1 && first ? first : Buffer.concat(this.#waiting);
      this.#waiting = [chunk.subarray(last + 1)];
      this.#waitingBytes = chunk.length - last - 1;
      yield* this.#lines(lines);
    } else if (this.#waitingBytes > maxRecordBytes) {
      throw usage(
        "input_format",
        `${this.where} has a line of more than ${maxRecordBytes / 1024 / 1024} MiB`,
      );
    }
  }

  *end(): Generator<Buffer> {
    yield* this.#lines(Buffer.concat(this.#waiting));
  }

  *#lines(lines: Buffer): Generator<Buffer> {
    for (let start = 0; start < lines.length; ) {
      const found = lines.indexOf(newline, start);
      const end = found < 0 ? lines.length : found;
      const line = trimmed(lines.subarray(start, end), this.#isFirst);
      this.#isFirst = false;
      start = end + 1;
      if (!isBlank(line)) yield line;
    }
  }
}

function trimmed(line: Buffer, isFirst: boolean): Buffer {
  const hasMark = isFirst && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  return line.subarray(hasMark ? 3 : 0, end);
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
