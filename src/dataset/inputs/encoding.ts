import { isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import { toBytes } from "./row-encoder.js";

/** What Windows-1252 has where ISO 8859 has nothing: 0x80 to 0x9f. */
const windows = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";

/** @returns the likely name of the encoding of text (latin1) that is no UTF-8; undefined when it is UTF-8 */
export function otherEncoding(text: string): string | undefined {
  if (isUtf8(toBytes(text))) return undefined;
  // ISO 8859 has no characters there, and Windows has.
  return /[\u0080-\u009f]/.test(text) ? "WINDOWS-1252" : "ISO-8859-1";
}

/** @throws usage error `input_format` when a header is no UTF-8: its names would not be those of the file */
export function requireUtf8Header(where: string, cells: readonly string[]): void {
  const cell = cells.find((text) => otherEncoding(text) !== undefined);
  if (cell === undefined) return;
  const encoding = otherEncoding(cells.join("")) as string;
  const shown = cell.replace(/[\u0080-\u009f]/g, (one) => windows[one.charCodeAt(0) - 0x80] as string);
  throw usage(
    "input_format",
    `${where} has a header that is no UTF-8, but probably ${encoding}: ${JSON.stringify(shown)} by that`,
    { hint: `Convert it: ${iconv(encoding)} Nothing was sent.` },
  );
}

/** The command that converts a file, as the end of a sentence. */
export const iconv = (encoding: string) => `iconv -f ${encoding} -t UTF-8 FILE`;

/** What to say of records that are no UTF-8. */
export const encodingRemarks = (encoding: string | undefined): string[] =>
  encoding === undefined
    ? []
    : [`some records are no UTF-8, but probably ${encoding}: convert them with ${iconv(encoding)}`];
