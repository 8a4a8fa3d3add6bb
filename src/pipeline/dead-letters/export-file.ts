import { type FileHandle, open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { usage } from "../../core/errors.js";
import { withFormerKeys } from "../../core/former-keys.js";
import { isThere, notWritten, placeNew } from "../../core/new-file.js";
import { sum } from "../../core/sum.js";
import type { Workspace } from "../../workspace/workspace.js";
import { deadLetterLine } from "./dead-letter-line.js";
import { largestRow, placeOf, placesSql, readPage, type Source } from "./dead-letters.js";
import { paging } from "./pages.js";
import type { DeadLetterFilter } from "./reasons.js";
import { withDeadLetters } from "./rows.js";

export interface Exported {
  readonly file: string;
  readonly records: number;
}

/**
 * Writes dead letters to a file as JSON lines, by incarnation, partition and offset. The file is there when it is whole.
 *
 * @throws PipectlError (usage) `file_exists`: an existing file is not overwritten; (unavailable) `export_not_written`
 */
export async function exportToFile(
  workspace: Workspace,
  filter: DeadLetterFilter,
  file: string,
): Promise<Exported> {
  if (await isThere(file)) throw fileExists(file);
  const beside = `${file}.${process.pid}.tmp`;
  // Created before the work, so that a path that cannot be written fails at once.
  const out = await create(beside);
  let records = 0;
  try {
    await withLines(workspace, filter, async (lines) => {
      const counted = async function* () {
        for await (const line of lines) {
          records++;
          yield line;
        }
      };
      await pipeline(Readable.from(counted()), out.createWriteStream(), { signal: workspace.signal });
    });
    if (!(await placeNew(beside, file))) throw fileExists(file);
  } finally {
    await out.close().catch(() => {});
    await rm(beside, { force: true });
  }
  return { file, records };
}

async function create(file: string): Promise<FileHandle> {
  return await open(file, "wx").catch((error) => {
    throw notWritten(file, error);
  });
}

/** Passes dead letters to `write`, a JSON line each, in the same order. @returns their number */
export async function exportLines(
  workspace: Workspace,
  filter: DeadLetterFilter,
  write: (line: string) => Promise<void>,
): Promise<number> {
  let records = 0;
  await withLines(workspace, filter, async (lines) => {
    for await (const line of lines) {
      await write(line);
      records++;
    }
  });
  return records;
}

async function withLines(
  workspace: Workspace,
  filter: DeadLetterFilter,
  take: (lines: AsyncIterable<string>) => Promise<void>,
): Promise<void> {
  workspace.report({ type: "step", text: "Locating the dead letters" });
  const none = (async function* () {})();
  const read = await withDeadLetters(workspace, filter, async (source) => {
    await take(linesOf(workspace, source));
    return true;
  });
  if (read === undefined) await take(none);
}

async function* linesOf({ report }: Workspace, source: Source): AsyncGenerator<string> {
  const places = paging(largestRow);
  const order = "kafka_incarnation, kafka_partition, kafka_offset";
  await source.session.eachRow(
    `${placesSql(source)} ORDER BY ${order}`,
    (row) => places.add(placeOf(row)),
    source.signal,
  );
  const pages = places.pages();
  const total = sum(pages.map(({ rows }) => rows));
  let done = 0;
  for (const page of pages) {
    for (const deadLetter of await readPage(source, page))
      yield `${JSON.stringify(withFormerKeys(deadLetterLine(deadLetter)))}\n`;
    done += page.rows;
    report({ type: "progress", text: "Exporting dead letters", done, total, unit: "record" });
  }
}

const fileExists = (file: string) =>
  usage("file_exists", `${file} exists already, and export does not overwrite files`, {
    hint: "name another file, or - for standard output",
  });
