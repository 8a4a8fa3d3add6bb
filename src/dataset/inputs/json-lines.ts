import { usage } from "../../core/errors.js";
import { maxRecordBytes, type Splitter } from "./json-values.js";

const newline = 0x0a;
const carriageReturn = 0x0d;
const recordSeparator = 0x1e;

/**
 * Splits JSON lines without changing a byte. Lines with only whitespace are not records, and line ends (LF or CRLF; CR where a
 * file begins with such lines), byte order marks and the record separator of RFC 7464 are not part of one.
 */
export class JsonLines implements Splitter {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #end: number | undefined;

  /** @param where names the input in errors */
  constructor(private readonly where: string) {}

  /** @throws usage error `input_format` for a line that is longer than the limit of a record */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#end ??= lineEndOf(chunk);
    const last = chunk.lastIndexOf(this.#end ?? newline);
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
      const found = lines.indexOf(this.#end ?? newline, start);
      const end = found < 0 ? lines.length : found;
      const line = trimmed(lines.subarray(start, end));
      start = end + 1;
      if (!isBlank(line)) yield line;
    }
  }
}

/** @returns undefined when the text does not show it yet: a CR at its end may be followed by an LF */
function lineEndOf(chunk: Buffer): number | undefined {
  if (chunk.includes(newline)) return newline;
  const found = chunk.indexOf(carriageReturn);
  return found >= 0 && found < chunk.length - 1 ? carriageReturn : undefined;
}

function trimmed(line: Buffer): Buffer {
  let start = line[0] === recordSeparator ? 1 : 0;
  if (line[start] === 0xef && line[start + 1] === 0xbb && line[start + 2] === 0xbf) start += 3;
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
  return line.subarray(start, end);
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
