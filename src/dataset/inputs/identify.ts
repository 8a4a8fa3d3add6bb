import { open, stat } from "node:fs/promises";
import { messageOf, usage } from "../../core/errors.js";
import { fileBytes, peek, unpacked } from "./bytes.js";
import { type Content, contentOf, formatName, namedAs, type Packing, type TextKind } from "./format.js";
import { damaged, noRecords } from "./source.js";

const headBytes = 4096;
const ignore = () => {};

/** What a file is, as its content and its name agree on. */
export interface FileFormat {
  readonly kind: TextKind | "parquet";
  readonly packing: Packing | undefined;
  /** As it lies on disk. */
  readonly bytes: number;
}

/**
 * Finds out what a file is.
 *
 * @param whole unpacks a packed file to its end, so that a damaged one is found before anything of it is used
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`
 */
export async function identify(path: string, whole: boolean): Promise<FileFormat> {
  const bytes = await sizeOf(path);
  const content = contentOf(await readHead(path));
  const packing = content.kind === "gzip" || content.kind === "zstd" ? content.kind : undefined;
  const named = namedAs(path);
  if (packing && packing !== named.packing && (named.packing ?? named.kind) !== undefined) {
    const ending = packing === "gzip" ? ".gz" : ".zst";
    throw wrongFormat(
      path,
      packing,
      named.packing
        ? `Its name has to end in ${ending}.`
        : `Call it ${path}${ending} if it is ${named.kind} that was packed.`,
    );
  }
  if (!packing && named.packing) {
    throw wrongFormat(path, describe(content), `Take the ending for ${named.packing} off its name.`);
  }
  const inner = packing ? await insidePacked(path, packing, whole) : content;
  const kind = formatOf(path, inner, named.kind);
  if (kind === "parquet" && packing) {
    throw wrongFormat(
      path,
      `Parquet within ${packing}`,
      "Parquet has to be read from its end: unpack it first.",
    );
  }
  return { kind, packing, bytes };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw usage("input_missing", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  if (found.isDirectory())
    throw usage("input_missing", `${path} is a directory`, { hint: "Name the files in it." });
  if (!found.isFile()) {
    throw usage("input_missing", `${path} is not a file`, { hint: "Pipe it in: … | pipectl generate -" });
  }
  if (found.size === 0) throw usage("input_empty", `${path} is empty`, { hint: "Nothing was sent." });
  return found.size;
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw usage("input_missing", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

async function insidePacked(path: string, packing: Packing, whole: boolean): Promise<Content> {
  try {
    const { head, all } = await peek(unpacked(fileBytes(path, ignore), packing), headBytes);
    if (whole) for await (const _ of all);
    else await all.return(undefined);
    return contentOf(head);
  } catch (error) {
    throw damaged(path, packing, error);
  }
}

/** The format to read a file with, or an error when its content is not what its name says. */
function formatOf(
  path: string,
  content: Content,
  named: ReturnType<typeof namedAs>["kind"],
): TextKind | "parquet" {
  const { kind } = content;
  if (kind === "other") throw wrongFormat(path, content.is, content.advice);
  if (kind === "empty") throw noRecords(path);
  if (kind === "gzip" || kind === "zstd")
    throw wrongFormat(path, `${kind} within a packed file`, "Unpack it once.");
  // A first line that is no JSON is a dead letter of a JSON-lines file, unless it is a CSV header.
  const asNamed =
    named === undefined || named === kind || (named === "jsonl" && (kind === "csv" || kind === "json"));
  if (!asNamed)
    throw wrongFormat(path, describe(content), `Give it the ending that says so, such as .${kind}.`);
  return kind === "json" ? kind : (named ?? kind);
}

export const wrongFormat = (path: string, is: string, advice: string) =>
  usage("input_format", `${path} is ${is}`, { hint: `${advice} Nothing was sent.` });

const describe = (content: Content) => (content.kind === "other" ? content.is : formatName[content.kind]);
