import { open, stat } from "node:fs/promises";
import { messageOf, usage } from "../../core/errors.js";
import type { InputFormat } from "../formats/input-format.js";
import { fileBytes, peek, unpacked } from "./bytes.js";
import { type Content, contentOf, namedAs } from "./content.js";
import { endingOf, type Packing } from "./packing.js";
import { damaged, noRecords, wrongFormat } from "./source.js";

const headBytes = 4096;
const ignore = () => {};

/** What a file is, by its content and its name. */
export interface Identified {
  readonly format: InputFormat;
  readonly packing: Packing | undefined;
  /** Size of the file on disk. */
  readonly bytes: number;
}

/**
 * Identifies a file.
 *
 * @param whole decompresses a compressed file to its end, so that damage is found before any of it is used
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`
 */
export async function identify(path: string, whole: boolean): Promise<Identified> {
  const bytes = await sizeOf(path);
  const content = contentOf(await readHead(path));
  const packing = content.kind === "packed" ? content.packing : undefined;
  const named = namedAs(path);
  if (packing && packing !== named.packing && (named.packing ?? named.format) !== undefined) {
    const ending = `.${endingOf(packing)}`;
    throw wrongFormat(
      path,
      packing,
      named.packing
        ? `Its name has to end in ${ending}.`
        : `Call it ${path}${ending} if it is ${named.format?.name} that was packed.`,
    );
  }
  if (!packing && named.packing) {
    throw wrongFormat(path, describe(content), `Take the ending for ${named.packing} off its name.`);
  }
  const inner = packing ? await insidePacked(path, packing, whole) : content;
  const format = formatOf(path, inner, named.format);
  if (format.reads === "file" && packing) {
    throw wrongFormat(path, `${format.called} within ${packing}`, `${format.why}: unpack it first.`);
  }
  return { format, packing, bytes };
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

/** The format to read a file with. Throws when its content does not match its name. */
function formatOf(path: string, content: Content, named: InputFormat | undefined): InputFormat {
  if (content.kind === "other") throw wrongFormat(path, content.is, content.advice);
  if (content.kind === "empty") throw noRecords(path);
  if (content.kind === "packed")
    throw wrongFormat(path, `${content.packing} within a packed file`, "Unpack it once.");
  const { format } = content;
  if (named === undefined || named.family === format.family) return format;
  if (named.mayBeginLike?.includes(format)) return named;
  throw wrongFormat(path, format.called, `Give it the ending that says so, such as .${format.name}.`);
}

function describe(content: Content): string {
  switch (content.kind) {
    case "format":
      return content.format.called;
    case "packed":
      return content.packing;
    case "empty":
      return "empty";
    case "other":
      return content.is;
  }
}
