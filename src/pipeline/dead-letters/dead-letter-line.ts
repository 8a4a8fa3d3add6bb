import { isUtf8 } from "node:buffer";
import type { DeadLetter } from "./dead-letters.js";

/** A dead letter in JSON. With an encoding, the text is the bytes in Base64; otherwise it is the bytes as UTF-8. */
export interface DeadLetterLine extends Omit<DeadLetter, "key" | "value"> {
  readonly key: string | null;
  readonly keyEncoding?: "base64";
  /** Null for a tombstone. */
  readonly value: string | null;
  readonly valueEncoding?: "base64";
}

/** Keeps every byte. */
export function deadLetterLine({ key, value, error, ...at }: DeadLetter): DeadLetterLine {
  return {
    ...at,
    key: textOf(key),
    ...(isText(key) ? {} : { keyEncoding: "base64" as const }),
    value: textOf(value),
    ...(isText(value) ? {} : { valueEncoding: "base64" as const }),
    error,
  };
}

const isText = (bytes: Buffer | null) => bytes === null || isUtf8(bytes);
const textOf = (bytes: Buffer | null) => bytes?.toString(isText(bytes) ? "utf8" : "base64") ?? null;
