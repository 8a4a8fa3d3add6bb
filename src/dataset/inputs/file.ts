import { open, stat } from "node:fs/promises";
import { messageOf, usage } from "../../core/errors.js";
import type { Dataset } from "../types.js";
import { fileBytes, gunzipped, peek } from "./bytes.js";
import { spellings } from "./fields.js";
import { type Content, contentOf, formatName, namedAs } from "./format.js";
import { openParquet } from "./parquet.js";
import {
  checkFirstObjects,
  damagedGzip,
  noRecords,
  type Source,
  type TextKind,
  textRecords,
} from "./source.js";

const headBytes = 4096;
const ignore = () => {};

/**
 * Checks a file: it is there, it is what its name says, it is whole (gzip is unpacked to its end), it has the columns
 * of the dataset and at least one record.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function checkFile(dataset: Dataset, path: string): Promise<Source> {
  const bytes = await sizeOf(path);
  const content = contentOf(await readHead(path));
  const gzip = content.kind === "gzip";
  const named = namedAs(path);
  if (gzip && !named.gzip && named.kind !== undefined) {
    throw wrongFormat(path, "gzip", `Call it ${path}.gz if it is ${named.kind} that was packed.`);
  }
  if (!gzip && named.gzip) throw wrongFormat(path, describe(content), "Take .gz off its name.");

  const inner = gzip ? await insideGzip(path) : content;
  const kind = formatOf(path, inner, named.kind);
  if (kind === "parquet") {
    if (gzip)
      throw wrongFormat(path, "Parquet within gzip", "Parquet has to be read from its end: gunzip it first.");
    return parquetSource(dataset, path, bytes);
  }
  const format = { kind, gzip };
  await checkText(dataset, path, format);
  return {
    where: path,
    bytes,
    records: (tally, onBytes) => textRecords(dataset, path, format, fileBytes(path, onBytes), tally),
  };
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

/** Unpacks the whole file once, so that a damaged one is found before anything is sent. */
async function insideGzip(path: string): Promise<Content> {
  try {
    const { head, all } = await peek(gunzipped(fileBytes(path, ignore)), headBytes);
    for await (const _ of all);
    return contentOf(head);
  } catch (error) {
    throw damagedGzip(path, error);
  }
}

/** The format to read a file with, or an error when its content is not what its name says. */
function formatOf(
  path: string,
  content: Content,
  named: TextKind | "parquet" | undefined,
): TextKind | "parquet" {
  const { kind } = content;
  if (kind === "other") throw wrongFormat(path, content.is, content.advice);
  if (kind === "empty") throw noRecords(path);
  if (kind === "gzip") throw wrongFormat(path, "gzip within gzip", "Unpack it once.");
  // A first line that is no JSON is a dead letter of a JSON-lines file, unless it is a CSV header.
  const asNamed = named === undefined || named === kind || (named === "jsonl" && kind === "csv");
  if (!asNamed)
    throw wrongFormat(path, describe(content), `Give it the ending that says so, such as .${kind}.`);
  return named ?? kind;
}

/** Header and first record, with the reader that will read the rest. */
async function checkText(
  dataset: Dataset,
  path: string,
  format: { kind: TextKind; gzip: boolean },
): Promise<void> {
  const records = textRecords(dataset, path, format, fileBytes(path, ignore), { unreadable: 0 });
  const first = await records.next();
  await records.return(undefined);
  if (first.done) throw noRecords(path);
  if (format.kind === "csv") return;
  const line = first.value[0]?.value?.toString("utf8") ?? "";
  const known = spellings(dataset);
  if (
    !line.startsWith("{") &&
    line.split(/[,;\t]/).some((cell) => known.has(cell.trim().replace(/^"|"$/g, "")))
  ) {
    throw wrongFormat(path, formatName.csv, "Give it the ending .csv.");
  }
  checkFirstObjects(dataset, path, first.value);
}

async function parquetSource(dataset: Dataset, path: string, bytes: number): Promise<Source> {
  const file = await openParquet(dataset, path);
  if (file.rows === 0) throw noRecords(path);
  return {
    where: path,
    bytes,
    records(_tally, onBytes) {
      // Columns of one row lie far apart in the file, so progress goes by rows.
      let told = 0;
      return file.records((rows) => {
        const reached = Math.round((rows / file.rows) * bytes);
        onBytes(reached - told);
        told = reached;
      });
    },
  };
}

const describe = (content: Content) => (content.kind === "other" ? content.is : formatName[content.kind]);

const wrongFormat = (path: string, is: string, advice: string) =>
  usage("input_format", `${path} is ${is}`, { hint: `${advice} Nothing was sent.` });
