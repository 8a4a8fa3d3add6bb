import { failed } from "../../core/errors.js";
import { instant } from "../../core/format.js";
import type { GatewaySession } from "../../flink/gateway.js";
import type { Page, Place } from "./pages.js";

/** A record that could not be written to bronze, with its original bytes. */
export interface DeadLetter {
  readonly incarnation: number;
  readonly partition: number;
  readonly offset: number;
  /** Kafka's timestamp, ISO 8601. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly error: string;
}

/** Rows of the table at one snapshot. */
export interface Source {
  readonly session: GatewaySession;
  /** The table as text to follow FROM. */
  readonly from: string;
  readonly where: string;
  readonly signal: AbortSignal;
}

/** Flink fails a query if one of its rows is larger than 2 MB (`collect-sink.batch-size.max`); a record may have 10 MiB. */
export const largestRow = 1_000_000;

/** In this charset each byte is one character and vice versa, so that text functions work on bytes. */
const bytesAsText = (column: string) => `DECODE(${column}, 'ISO-8859-1')`;
const size = (column: string) => `CHAR_LENGTH(${bytesAsText(column)})`;
const isSmall = `COALESCE(${size("kafka_key")}, 0) + COALESCE(${size("raw_value")}, 0) <= ${largestRow}`;

/** Selects the place and size of each dead letter: the columns of `placeOf`. */
export const placesSql = ({ from, where }: Source): string =>
  `SELECT kafka_incarnation, kafka_partition, kafka_offset, ${size("kafka_key")}, ${size("raw_value")} FROM ${from} WHERE ${where}`;

export function placeOf([incarnation, partition, offset, key, value]: readonly unknown[]): Place {
  const sizeOf = (cell: unknown) => (cell === null ? null : Number(cell));
  return {
    incarnation: Number(incarnation),
    partition: Number(partition),
    offset: Number(offset),
    keyBytes: sizeOf(key),
    valueBytes: sizeOf(value),
  };
}

/** The dead letters of a page, by incarnation, partition and offset. */
export async function readPage(source: Source, page: Page): Promise<DeadLetter[]> {
  const { session, from, where, signal } = source;
  const ranges = page.ranges.map(
    ({ incarnation, partition, first, last }) =>
      `(kafka_incarnation = ${incarnation} AND kafka_partition = ${partition} AND kafka_offset BETWEEN ${first} AND ${last})`,
  );
  const { rows } = await session.query(
    `SELECT kafka_incarnation, kafka_partition, kafka_offset, CAST(kafka_timestamp AS STRING), \`error\`,
       CASE WHEN ${isSmall} THEN kafka_key END, CASE WHEN ${isSmall} THEN raw_value END
     FROM ${from} WHERE ${where} AND (${ranges.join(" OR ")})`,
    page.rows + 1,
    signal,
  );
  const deadLetters = rows.map(deadLetterOf).sort(byPlace);
  if (deadLetters.length !== page.rows) throw changed(page.rows, deadLetters.length);
  const large = new Map(page.large.map((place) => [nameOf(place), place]));
  const whole: DeadLetter[] = [];
  for (const deadLetter of deadLetters) {
    const place = large.get(nameOf(deadLetter));
    whole.push(place === undefined ? deadLetter : await withBytes(source, deadLetter, place));
  }
  return whole;
}

function deadLetterOf([
  incarnation,
  partition,
  offset,
  timestamp,
  error,
  key,
  value,
]: readonly unknown[]): DeadLetter {
  const bytes = (cell: unknown) => (cell === null ? null : Buffer.from(String(cell), "base64"));
  return {
    incarnation: Number(incarnation),
    partition: Number(partition),
    offset: Number(offset),
    timestamp: instant(timestamp),
    key: bytes(key),
    value: bytes(value),
    error: String(error),
  };
}

type At = Pick<DeadLetter, "incarnation" | "partition" | "offset">;
const nameOf = ({ incarnation, partition, offset }: At) => `${incarnation}/${partition}/${offset}`;
export const byPlace = (a: At, b: At): number =>
  a.incarnation - b.incarnation || a.partition - b.partition || a.offset - b.offset;

async function withBytes(source: Source, deadLetter: DeadLetter, place: Place): Promise<DeadLetter> {
  return {
    ...deadLetter,
    key: await inPieces(source, place, "kafka_key", place.keyBytes),
    value: await inPieces(source, place, "raw_value", place.valueBytes),
  };
}

/** The bytes of one column of one row, read in several rows if they are large. */
async function inPieces(
  { session, from, signal }: Source,
  { incarnation, partition, offset }: Place,
  column: "kafka_key" | "raw_value",
  bytes: number | null,
): Promise<Buffer | null> {
  if (bytes === null) return null;
  const pieces = Math.ceil(bytes / largestRow);
  if (pieces === 0) return Buffer.alloc(0);
  const numbers = Array.from({ length: pieces }, (_, i) => `(${i})`).join(", ");
  const piece = `SUBSTR(${bytesAsText(column)}, piece * ${largestRow} + 1, ${largestRow})`;
  const { rows } = await session.query(
    `SELECT piece, ENCODE(${piece}, 'ISO-8859-1')
     FROM ${from} CROSS JOIN (VALUES ${numbers}) AS pieces (piece)
     WHERE kafka_incarnation = ${incarnation} AND kafka_partition = ${partition} AND kafka_offset = ${offset}`,
    pieces + 1,
    signal,
  );
  const ordered = rows.toSorted(([a], [b]) => Number(a) - Number(b));
  const whole = Buffer.concat(ordered.map(([, text]) => Buffer.from(String(text), "base64")));
  if (whole.length !== bytes) throw changed(bytes, whole.length);
  return whole;
}

const changed = (expected: number, found: number) =>
  failed("dlq_unreadable", `a part of the dead letters has ${expected}, but a second read found ${found}`, {
    hint: "pipectl validate --deep counts them",
  });
