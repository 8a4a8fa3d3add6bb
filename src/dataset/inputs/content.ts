import { joined } from "../../core/format.js";
import type { InputFormat } from "../formats/input-format.js";
import { families, inputFormats } from "../formats/input-formats.js";
import { type Packing, packings } from "./packing.js";

/** What an input is, by its first bytes. */
export type Content =
  | { readonly kind: "format"; readonly format: InputFormat }
  | { readonly kind: "packed"; readonly packing: Packing }
  | { readonly kind: "empty" }
  /** Something that pipectl does not read, with advice. */
  | { readonly kind: "other"; readonly is: string; readonly advice: string };

const utf16 = { is: "UTF-16 text", advice: "Convert it: iconv -f UTF-16 -t UTF-8 FILE" };
const convert = `Convert it to ${joined(families, "or")}.`;
const piped = (program: string) => `Pipe it in: ${program} -dc FILE | pipectl generate -`;

/** Common formats that pipectl does not read. */
const others: readonly { readonly signature: readonly number[]; is: string; advice: string }[] = [
  { signature: [0x50, 0x41, 0x52, 0x45], is: "an encrypted Parquet file", advice: "Decrypt it first." },
  {
    signature: [0x50, 0x4b, 0x03, 0x04],
    is: "a zip archive (or a spreadsheet)",
    advice: "Unpack it first.",
  },
  { signature: [0x42, 0x5a, 0x68], is: "bzip2", advice: piped("bzip2") },
  { signature: [0xfd, 0x37, 0x7a, 0x58, 0x5a], is: "xz", advice: piped("xz") },
  { signature: [0xff, 0xfe, 0x00, 0x00], is: "UTF-32 text", advice: utf16.advice.replace("16", "32") },
  { signature: [0xff, 0xfe], ...utf16 },
  { signature: [0xfe, 0xff], ...utf16 },
  { signature: [0x4f, 0x62, 0x6a, 0x01], is: "an Avro file", advice: convert },
  { signature: [0x4f, 0x52, 0x43], is: "an ORC file", advice: convert },
];

/** @param head the first bytes; 4 KiB are enough */
export function contentOf(head: Buffer): Content {
  if (head.length === 0) return { kind: "empty" };
  const begins = ({ signature }: { readonly signature?: readonly number[] }) =>
    signature?.every((byte, index) => head[index] === byte) === true;
  const packed = packings.find(begins);
  if (packed !== undefined) return { kind: "packed", packing: packed.name };
  const other = others.find(begins);
  if (other !== undefined) return { kind: "other", is: other.is, advice: other.advice };
  const text = textOf(head);
  const format =
    inputFormats.find(begins) ??
    (text === undefined ? undefined : inputFormats.find((one) => one.recognizes?.(text)));
  if (format !== undefined) return { kind: "format", format };
  if (text === undefined && isWide(head)) return { kind: "other", ...utf16 };
  return { kind: "other", is: "binary data", advice: `pipectl reads ${joined(families, "and")}.` };
}

/** True for UTF-16 without a byte order mark: each other byte of mostly plain text is 0. */
const isWide = (head: Buffer) => {
  const little = Buffer.from(head.subarray(0, head.length - (head.length % 2)));
  const isPlain = () => /^[\t\n\r -\u024f\u20ac]{4,}$/.test(little.toString("utf16le"));
  if (isPlain()) return true;
  little.swap16();
  return isPlain();
};

/** The text from its first character on; undefined when the bytes are not text. */
const textOf = (head: Buffer) =>
  head.includes(0)
    ? undefined
    : head
        .toString("utf8")
        // A byte order mark, or the separator in front of each record of RFC 7464.
        .replace(/^\p{Cf}|^\p{Cc}/u, "")
        .trimStart();

/** The format and compression that a file name indicates; undefined when it indicates none. */
export interface NamedAs {
  readonly packing: Packing | undefined;
  readonly format: InputFormat | undefined;
}

export function namedAs(path: string): NamedAs {
  const parts = path.toLowerCase().split("/").at(-1)?.split(".") ?? [];
  const packing = packings.find(({ endings }) => endings.includes(parts.at(-1) ?? ""))?.name;
  const ending = parts.at(packing ? -2 : -1) ?? "";
  const format = parts.length > 1 ? inputFormats.find(({ endings }) => endings.includes(ending)) : undefined;
  return { packing, format };
}
