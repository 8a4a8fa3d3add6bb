import type { Readable } from "node:stream";
import { failed, messageOf, usage } from "../../core/errors.js";
import type { Dataset, SourceRecord } from "../types.js";
import { checkFile } from "./file.js";
import type { Records, Source } from "./source.js";
import { checkStdin } from "./stdin.js";
import type { Tally } from "./tally.js";

/** Checked inputs. They can be read once. */
export interface Inputs {
  /**
   * All records, file after file, in chunks of at most 1000.
   *
   * @throws failed error `input_broken` that names the input and the last record before the error
   */
  records(): AsyncIterable<readonly SourceRecord[]>;
  /** Number of records so far that are not a row or not a JSON object. They are sent unchanged, and become dead letters. */
  unreadable(): number;
  /** Size of all files on disk, in bytes; undefined with stdin. */
  readonly totalBytes: number | undefined;
  /** Bytes read so far, as stored on disk. */
  bytesRead(): number;
  close(): Promise<void>;
}

/**
 * Opens files of any supported format (src/dataset/formats) and stdin (`-`), to be read one after the other. All are checked
 * before this resolves, so that a bad fifth file does not leave four files sent.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function openInputs(
  dataset: Dataset,
  paths: readonly string[],
  stdin?: Readable,
): Promise<Inputs> {
  if (paths.length === 0) throw usage("input_missing", "no input was named");
  if (paths.filter((path) => path === "-").length > 1)
    throw usage("input_missing", "'-' (stdin) was named twice");
  const sources: Source[] = [];
  // Stdin is checked last, so that waiting for it delays no other check.
  for (const path of [...paths.filter((path) => path !== "-"), ...paths.filter((path) => path === "-")]) {
    if (path !== "-") sources.push(await checkFile(dataset, path));
    else if (stdin) sources.splice(paths.indexOf("-"), 0, await checkStdin(dataset, stdin));
    else throw usage("input_missing", "there is no stdin to read '-' from");
  }
  const sizes = sources.map((source) => source.bytes);
  const tally: Tally = { unreadable: 0 };
  let bytesRead = 0;
  let reading: Records | undefined;
  return {
    async *records() {
      for (const source of sources) {
        reading = source.records(tally, (bytes) => {
          bytesRead += bytes;
        });
        yield* numbered(source.where, reading);
      }
    },
    unreadable: () => tally.unreadable,
    totalBytes: sizes.includes(undefined)
      ? undefined
      : sizes.reduce<number>((total, size) => total + (size ?? 0), 0),
    bytesRead: () => bytesRead,
    async close() {
      // A read that waits for stdin would never return by itself.
      if (paths.includes("-")) stdin?.destroy();
      await reading?.return(undefined).catch(() => {});
    },
  };
}

/** Reports after which record an input failed. Earlier records have been passed on. */
async function* numbered(where: string, records: Records): Records {
  let count = 0;
  try {
    for await (const chunk of records) {
      count += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw failed("input_broken", `${where} could not be read after record ${count}: ${messageOf(cause)}`, {
      hint: `The ${count} records before it were handed on.`,
      cause,
    });
  }
}
