import type { Readable } from "node:stream";
import { PipectlError, usage } from "../../core/errors.js";
import type { Collector, InputFormat } from "../formats/input-format.js";
import { fileBytes, unpacked } from "../inputs/bytes.js";
import { identify } from "../inputs/identify.js";
import type { Packing } from "../inputs/packing.js";
import { damaged } from "../inputs/source.js";
import { identifyStream } from "../inputs/stdin.js";
import type { Observation } from "./observation.js";

export interface ObserveOptions {
  /** Files, `-` for standard input. */
  readonly inputs: readonly string[];
  readonly stdin?: Readable | undefined;
  /** Number of records to read; by default all. */
  readonly limit?: number | undefined;
  /** Whether CSV files have a header, if somebody has said so. */
  readonly hasHeader?: boolean | undefined;
  /** Called with the number of records read. */
  readonly onRecords: (records: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads inputs of one format family once, from beginning to end. Memory use does not grow with them.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function observeInputs(options: ObserveOptions): Promise<Observation> {
  try {
    return await observe(options);
  } catch (error) {
    // The readers, and so the errors, are those of `generate`.
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
  hasHeader,
  onRecords,
  signal,
}: ObserveOptions) {
  if (inputs.filter((input) => input === "-").length > 1)
    throw usage("input_missing", "'-' (stdin) was named twice");
  let shape: { readonly family: string; readonly collector: Collector } | undefined;
  const read = () => shape?.collector.records ?? 0;
  const onProgress = () => {
    signal.throwIfAborted();
    onRecords(read());
  };
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
    const { format, bytes } = input === "-" ? await stdinBytes(stdin) : await fileText(input);
    const { family } = format;
    if (shape !== undefined && shape.family !== family) {
      const [is, before] = [family, shape.family].map((name) => name.toLowerCase());
      throw usage("input_format", `${where} is ${is}, but the input before it is ${before}`, {
        hint: "Name files of one shape.",
      });
    }
    if (hasHeader === false && family !== "CSV")
      throw usage("input_format", `${where} is ${family}: only CSV can be without a header (--headerless)`);
    shape ??= { family, collector: await format.collector(inputs.join(", ")) };
    const before = read();
    await shape.collector.add({ format, where, bytes: watched(bytes), hasHeader, onProgress }, limit);
    if (read() === before) {
      throw usage("input_empty", `${where} has no records that can be read`, {
        hint: "Nothing was written.",
      });
    }
  }
  if (shape === undefined) throw usage("input_missing", "no input was named");
  return shape.collector.observation();
}

interface Found {
  readonly format: InputFormat;
  /** The input's bytes, decompressed. */
  readonly bytes: AsyncIterable<Buffer>;
}

async function fileText(path: string): Promise<Found> {
  const { format, packing } = await identify(path, false);
  const bytes = fileBytes(path, () => {});
  return { format, bytes: packing === undefined ? bytes : whole(path, packing, bytes) };
}

/** Damage in a compressed file is noticed while reading. Nothing has been written by then. */
async function* whole(path: string, packing: Packing, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(bytes, packing);
  } catch (error) {
    throw error instanceof PipectlError ? error : damaged(path, packing, error);
  }
}

async function stdinBytes(stdin: Readable | undefined): Promise<Found> {
  if (!stdin) throw usage("input_missing", "there is no stdin to read '-' from");
  const { format, all } = await identifyStream("stdin", stdin as AsyncIterable<Buffer>);
  return { format, bytes: all };
}
