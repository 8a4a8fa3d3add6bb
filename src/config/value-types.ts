import { z } from "zod";

/** `10s`, `2min`, `500ms` -> milliseconds. */
export const durationMs = z
  .string()
  .regex(/^\d+(ms|s|min|h|d)$/, "a number and a unit: 500ms, 10s, 5min, 1h, 7d")
  .transform((text) => {
    const unit = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
    const [, n, u] = /^(\d+)(\D+)$/.exec(text) as unknown as [string, string, keyof typeof unit];
    return Number(n) * unit[u];
  });

/** A whole number in a range, from text. */
export const int = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `a whole number from ${min} to ${max}`);

/** A whole number from 0 on; undefined for an empty text. */
export const count = z
  .string()
  .regex(/^\d{0,15}$/, "a whole number from 0 on, or nothing")
  .transform((text) => (text === "" ? undefined : Number(text)));

/** `5%` or `0.05` -> 0.05; undefined for an empty text. */
export const share = z
  .string()
  .regex(/^(\d{1,3}(\.\d{1,6})?%|[01](\.\d{1,6})?)?$/, "a share: 5%, 0.05, or nothing")
  .transform((text) =>
    text === "" ? undefined : text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text),
  )
  .refine((part) => part === undefined || part <= 1, "a share of at most 100%");

export const port = int(1, 65_535);

/** Anything that fits on a line. */
export const text = z.string().regex(/^[^\p{Cc}]*$/u, "one line, without control characters");

/** Several lines, as in a certificate. */
export const lines = z.string();

const address = String.raw`(\[[0-9a-fA-F:.]+\]|[^\s,:/@]+):\d{1,5}`;
export const addresses = z
  .string()
  .regex(new RegExp(`^(${address}(,${address})*)?$`), "host:port, or several with commas between them");

/** Without a slash at the end. */
export const url = z
  .string()
  .regex(
    /^(https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?)?$/,
    "http://… or https://…, without a user, a password, ? or #",
  )
  .transform((text) => text.replace(/\/+$/, ""));

/** `name=value;name=value` -> an object. A value may hold `=`. */
export const options = z
  .string()
  .regex(/^\s*([^=;\s]+=[^;]*(;\s*[^=;\s]+=[^;]*)*;?\s*)?$/, "name=value, several with ; between them")
  .transform((text) =>
    Object.fromEntries(
      text
        .split(";")
        .map((pair) => pair.trim())
        .filter((pair) => pair !== "")
        .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
    ),
  );

/** `Name: value`, a line each -> an object. */
export const headers = z
  .string()
  .regex(/^\s*([A-Za-z0-9-]+:[^\n]*(\n|$))*$/, "Name: value, a line each")
  .transform((text) =>
    Object.fromEntries(
      text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map(
          (line) =>
            [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()] as const,
        ),
    ),
  );

/** Nothing that a shell, dotenv or Compose would read as more than a character. */
export const credential = z
  .string()
  .regex(/^([A-Za-z0-9+/=_.-]{8,128})?$/, "8 to 128 letters, digits or + / = _ . -");
