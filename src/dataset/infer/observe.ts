import type { Readable } from "node:stream";
import { PipectlError, usage } from "../../core/errors.js";
import { fileBytes, unpacked } from "../inputs/bytes.js";
import type { Packing } from "../inputs/format.js";
import { type FileFormat, identify } from "../inputs/identify.js";
import { damaged, jsonSplitter } from "../inputs/source.js";
import { identifyStream } from "../inputs/stdin.js";
import { CsvCollect } from "./csv-collect.js";
import type { Observation } from "./observation.js";
import { ParquetCollect } from "./parquet-collect.js";
import { RecordCollect } from "./record-collect.js";

export interface ObserveOptions {
  /** Files, `-` for standard input. */
  readonly inputs: readonly string[];
  readonly stdin?: Readable | undefined;
  /** Records to read; all of them when undefined. */
  readonly limit?: number | undefined;
  /** Told how many records were read. */
  readonly onRecords: (records: number) => void;
  readonly signal: AbortSignal;
}

type Kind = FileFormat["kind"];

/** CSV, Parquet, or JSON in either form. */
const familyOf = (kind: Kind) => (kind === "jsonl" ? "json" : kind);

/**
 * Reads inputs of one shape once, from beginning to end, and notes what they hold. Memory does not grow with them.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function observeInputs(options: ObserveOptions): Promise<Observation> {
  try {
    return await observe(options);
  } catch (error) {
    // The readers are those of `generate`.
    if (!(error instanceof PipectlError) || error.hint === undefined) throw error;
    const hint = error.hint
      .replace("Nothing was sent.", "Nothing was written.")
      .replace("pipectl generate -", "pipectl dataset infer - --name NAME");
    throw new PipectlError(error.kind, error.code, error.message, { hint, cause: error });
  }
}

async function observe({
  inputs,
  stdin,
  limit = Number.POSITIVE_INFINITY,
  onRecords,
  signal,
}: ObserveOptions) {
  if (inputs.filter((input) => input === "-").length > 1)
    throw usage("input_missing", "'-' (stdin) was named twice");
  const csv = new CsvCollect();
  const json = new RecordCollect(inputs.join(", "));
  const parquet = new ParquetCollect();
  let family: string | undefined;
  const read = () => csv.records + json.records + parquet.records;
  async function* watched(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      yield chunk;
      onRecords(read());
    }
  }
  for (const input of inputs) {
    if (read() >= limit) break;
    const where = input === "-" ? "stdin" : input;
    const { kind, bytes } = input === "-" ? await stdinBytes(stdin) : await fileText(input);
    if (family !== undefined && family !== familyOf(kind)) {
      throw usage("input_format", `${where} is ${familyOf(kind)}, but the input before it is ${family}`, {
        hint: "Name files of one shape.",
      });
    }
    family = familyOf(kind);
    const before = read();
    if (kind === "parquet") {
      await parquet.add(input, limit, () => {
        signal.throwIfAborted();
        onRecords(read());
      });
    } else if (kind === "csv") await csv.add(where, watched(bytes), limit);
    else await addJson(json, kind, where, watched(bytes), limit);
    if (read() === before) {
      throw usage("input_empty", `${where} has no records that can be read`, {
        hint: "Nothing was written.",
      });
    }
  }
  return (family === "csv" ? csv : family === "parquet" ? parquet : json).observation();
}

async function addJson(
  json: RecordCollect,
  kind: "json" | "jsonl",
  where: string,
  chunks: AsyncIterable<Buffer>,
  limit: number,
) {
  const splitter = jsonSplitter(kind, where);
  const take = (records: Iterable<Buffer>) => {
    for (const record of records) {
      json.add(record);
      if (json.records >= limit) return true;
    }
    return false;
  };
  for await (const chunk of chunks) if (take(splitter.push(chunk))) return;
  take(splitter.end());
}

async function fileText(path: string): Promise<{ kind: Kind; bytes: AsyncIterable<Buffer> }> {
  const { kind, packing } = await identify(path, false);
  const bytes = fileBytes(path, () => {});
  return { kind, bytes: packing === undefined ? bytes : whole(path, packing, bytes) };
}

/** A packed file that is damaged shows while it is read; nothing was written then. */
async function* whole(path: string, packing: Packing, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(bytes, packing);
  } catch (error) {
    throw error instanceof PipectlError ? error : damaged(path, packing, error);
  }
}

async function stdinBytes(
  stdin: Readable | undefined,
): Promise<{ kind: Kind; bytes: AsyncIterable<Buffer> }> {
  if (!stdin) throw usage("input_missing", "there is no stdin to read '-' from");
  const { kind, all } = await identifyStream("stdin", stdin as AsyncIterable<Buffer>);
  return { kind, bytes: all };
}
