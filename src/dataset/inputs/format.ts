import { JsonValues } from "./json-values.js";

export type TextKind = "csv" | "jsonl" | "json";
/** How a text may be packed. */
export type Packing = "gzip" | "zstd";
export interface TextFormat {
  /** `jsonl` has one object a line; `json` has them in an array, or over several lines. */
  readonly kind: TextKind;
  readonly packing: Packing | undefined;
}

/** What the first bytes of an input say it is. */
export type Content =
  | { readonly kind: TextKind | "parquet" | Packing | "empty" }
  /** Something that pipectl does not read, and what can be done about it. */
  | { readonly kind: "other"; readonly is: string; readonly advice: string };

const signatures: readonly { bytes: readonly number[]; content: Content }[] = [
  { bytes: [0x1f, 0x8b], content: { kind: "gzip" } },
  { bytes: [0x50, 0x41, 0x52, 0x31], content: { kind: "parquet" } },
  { bytes: [0x50, 0x41, 0x52, 0x45], content: other("an encrypted Parquet file", "Decrypt it first.") },
  { bytes: [0x50, 0x4b, 0x03, 0x04], content: other("a zip archive (or a spreadsheet)", "Unpack it first.") },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], content: { kind: "zstd" } },
  { bytes: [0x42, 0x5a, 0x68], content: other("bzip2", "Pipe it in: bzip2 -dc FILE | pipectl generate -") },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    content: other("xz", "Pipe it in: xz -dc FILE | pipectl generate -"),
  },
  { bytes: [0xff, 0xfe], content: other("UTF-16 text", "Convert it: iconv -f UTF-16 -t UTF-8 FILE") },
  { bytes: [0xfe, 0xff], content: other("UTF-16 text", "Convert it: iconv -f UTF-16 -t UTF-8 FILE") },
  {
    bytes: [0x4f, 0x62, 0x6a, 0x01],
    content: other("an Avro file", "Convert it to Parquet, CSV or JSON."),
  },
  { bytes: [0x4f, 0x52, 0x43], content: other("an ORC file", "Convert it to Parquet, CSV or JSON.") },
];

function other(is: string, advice: string): Content {
  return { kind: "other", is, advice };
}

/** @param head the first bytes; 4 KiB are plenty */
export function contentOf(head: Buffer): Content {
  if (head.length === 0) return { kind: "empty" };
  for (const { bytes, content } of signatures) {
    if (bytes.every((byte, index) => head[index] === byte)) return content;
  }
  if (head.includes(0)) return other("binary data", "pipectl reads CSV, JSON and Parquet.");
  const text = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  return { kind: isJson(text) ? (isOneALine(text) ? "jsonl" : "json") : "csv" };
}

const isJson = (text: string) => text.startsWith("{") || text.startsWith("[");

/** Whether its first line is a value by itself. One that is broken is a dead letter, unless the value goes on behind it. */
function isOneALine(text: string): boolean {
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : text.slice(0, end)).trimEnd();
  const more = end < 0 ? "" : text.slice(end).trimStart();
  if (line.startsWith("[") && parses(line)) {
    // An array of objects is meant as those. Another one may be a broken first line.
    const elements = JSON.parse(line) as unknown[];
    return isJson(more) && !elements.some((element) => typeof element === "object");
  }
  if (parses(line)) return true;
  if (line.startsWith("[")) return false;
  const [first] = new JsonValues("").push(Buffer.from(text));
  if (first !== undefined) return !first.includes("\n") || !parses(first.toString());
  return end < 0 || (line !== "{" && !(text.length >= longHead && /[{[,:]$/.test(line)));
}

/** From so many characters on, a value that does not end within them may be longer than what was looked at. */
const longHead = 2000;

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a file name promises. */
export interface NamedAs {
  readonly packing: Packing | undefined;
  /** Undefined when the name says nothing. */
  readonly kind: "csv" | "jsonl" | "parquet" | undefined;
}

const extensions: Readonly<Record<string, NamedAs["kind"]>> = {
  csv: "csv",
  tsv: "csv",
  json: "jsonl",
  jsonl: "jsonl",
  ndjson: "jsonl",
  parquet: "parquet",
};

const packings: Readonly<Record<string, Packing | undefined>> = { gz: "gzip", zst: "zstd", zstd: "zstd" };

export function namedAs(path: string): NamedAs {
  const parts = path.toLowerCase().split("/").at(-1)?.split(".") ?? [];
  const packing = packings[parts.at(-1) ?? ""];
  const extension = parts.at(packing ? -2 : -1) ?? "";
  return {
    packing,
    kind: parts.length > 1 && Object.hasOwn(extensions, extension) ? extensions[extension] : undefined,
  };
}

/** How a format is called in messages. */
export const formatName: Readonly<Record<Content["kind"], string>> = {
  csv: "text that looks like CSV",
  jsonl: "JSON lines",
  json: "JSON",
  parquet: "Parquet",
  gzip: "gzip",
  zstd: "zstd",
  empty: "empty",
  other: "something else",
};
