/** What the first bytes of an input say it is. */
export type Content =
  | { readonly kind: "csv" | "jsonl" | "parquet" | "gzip" | "empty" }
  /** Something that pipectl does not read, and what can be done about it. */
  | { readonly kind: "other"; readonly is: string; readonly advice: string };

const signatures: readonly { bytes: readonly number[]; content: Content }[] = [
  { bytes: [0x1f, 0x8b], content: { kind: "gzip" } },
  { bytes: [0x50, 0x41, 0x52, 0x31], content: { kind: "parquet" } },
  { bytes: [0x50, 0x41, 0x52, 0x45], content: other("an encrypted Parquet file", "Decrypt it first.") },
  { bytes: [0x50, 0x4b, 0x03, 0x04], content: other("a zip archive (or a spreadsheet)", "Unpack it first.") },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    content: other("zstd", "Pipe it in: zstd -dc FILE | pipectl generate -"),
  },
  { bytes: [0x42, 0x5a, 0x68], content: other("bzip2", "Pipe it in: bzip2 -dc FILE | pipectl generate -") },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    content: other("xz", "Pipe it in: xz -dc FILE | pipectl generate -"),
  },
  { bytes: [0xff, 0xfe], content: other("UTF-16 text", "Convert it: iconv -f UTF-16 -t UTF-8 FILE") },
  { bytes: [0xfe, 0xff], content: other("UTF-16 text", "Convert it: iconv -f UTF-16 -t UTF-8 FILE") },
  {
    bytes: [0x4f, 0x62, 0x6a, 0x01],
    content: other("an Avro file", "Convert it to Parquet, CSV or JSON lines."),
  },
  { bytes: [0x4f, 0x52, 0x43], content: other("an ORC file", "Convert it to Parquet, CSV or JSON lines.") },
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
  if (head.includes(0)) return other("binary data", "pipectl reads CSV, JSON lines and Parquet.");
  const text = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (text.startsWith("[")) {
    return other("a JSON array", "pipectl reads one object a line: jq -c '.[]' FILE | pipectl generate -");
  }
  if (/^\{\s*\r?\n/.test(text)) {
    return other(
      "JSON over several lines",
      "pipectl reads one object a line: jq -c . FILE | pipectl generate -",
    );
  }
  return { kind: text.startsWith("{") ? "jsonl" : "csv" };
}

/** What a file name promises. */
export interface NamedAs {
  readonly gzip: boolean;
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

export function namedAs(path: string): NamedAs {
  const parts = path.toLowerCase().split("/").at(-1)?.split(".") ?? [];
  const gzip = parts.at(-1) === "gz";
  const extension = parts.at(gzip ? -2 : -1) ?? "";
  return {
    gzip,
    kind: parts.length > 1 && Object.hasOwn(extensions, extension) ? extensions[extension] : undefined,
  };
}

/** How a format is called in messages. */
export const formatName: Readonly<Record<Content["kind"], string>> = {
  csv: "text that looks like CSV",
  jsonl: "JSON lines",
  parquet: "Parquet",
  gzip: "gzip",
  empty: "empty",
  other: "something else",
};
