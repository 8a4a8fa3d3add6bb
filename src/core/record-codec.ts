import { z } from "zod";
import type { ErrorCode } from "./error-codes.js";
import { failed, PipectlError } from "./errors.js";

/** Reads and writes one kind of record that outlives a version of pipectl. */
export interface RecordCodec<T> {
  /**
   * The record in today's shape, whichever version wrote it. Keys of today's version that are unknown are kept.
   *
   * @param where what holds the text, for the message: a table, or a file
   * @throws PipectlError (failed) `state_newer` where a newer pipectl wrote it
   * @throws DamagedRecord
   */
  decode(text: string, where: string): T;
  /** The text of a record. One that `decode` would refuse is a bug, and is never written. */
  encode(record: T): string;
}

/** A record that is no longer what pipectl has written. */
export class DamagedRecord extends PipectlError {
  constructor(
    message: string,
    { code, hint }: { readonly code: ErrorCode<"failed">; readonly hint: string },
  ) {
    super("failed", code, message, { hint });
  }
}

/** What `read` gives; undefined where a record that it needs is damaged. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error;
    return undefined;
  }
}

/**
 * @param name of the record, for messages
 * @param versions the schema of each version that was ever written; each gives today's shape. The last one is today's, and
 *   must go both ways. A record without a number is of version 0.
 * @param damaged code of the error for a record that cannot be read, and the way back
 */
export function recordCodec<T>(
  name: string,
  versions: Readonly<Record<number, z.ZodType<T>>>,
  damaged: { readonly code: ErrorCode<"failed">; readonly hint: string },
): RecordCodec<T> {
  const today = Math.max(...Object.keys(versions).map(Number));
  return {
    decode: (text, where) => {
      const refuse = (why: string) => new DamagedRecord(`${name} of ${where} is damaged: ${why}`, damaged);
      let found: unknown;
      try {
        found = JSON.parse(text);
      } catch {
        throw refuse("it is no JSON");
      }
      const head = versioned.safeParse(found);
      if (!head.success) throw refuse(firstIssue(head.error));
      const { version } = head.data;
      if (version > today) throw newer(`${name} of ${where}`, version, today);
      const read = versions[version]?.safeParse(found);
      if (read === undefined) throw refuse(`there was never a version ${version}`);
      if (!read.success) throw refuse(firstIssue(read.error));
      return read.data;
    },
    encode: (record) => JSON.stringify(z.encode(versions[today] as z.ZodType<T>, record)),
  };
}

const versioned = z.looseObject({ version: z.int().nonnegative().default(0) });

function newer(what: string, version: number, today: number): PipectlError {
  const message = `${what} was made by a newer pipectl: upgrade (it has version ${version}, this pipectl knows ${today})`;
  return failed("state_newer", message, {
    hint: "nothing was changed; use the newest pipectl that has run here",
  });
}

/** The first of what is wrong: one is enough to say that a record is damaged. */
function firstIssue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return "it does not have the shape that it should have";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
