import { link, lstat, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { messageOf, type PipectlError, unavailable } from "./errors.js";

export const isThere = async (file: string): Promise<boolean> =>
  (await lstat(file).catch(() => undefined)) !== undefined;

/**
 * Moves a finished file to its place. A rename would overwrite a file created in the meantime; a hard link does not, but not every file
 * system has hard links.
 *
 * @returns false, and moves nothing, when the file exists already
 */
export async function placeNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || (await isThere(to))) return false;
    await rename(from, to);
    return true;
  }
}

/**
 * Writes a file over one that is there, in one rename: a reader sees the old text or the new one. Its mode stays, and so does a
 * symbolic link to it.
 *
 * @throws PipectlError (unavailable) `file_not_written`
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    const { mode } = await stat(file);
    await writeFile(beside, text, { mode });
    await rename(beside, await realpath(file));
  } catch (cause) {
    await rm(beside, { force: true });
    throw unavailable("file_not_written", `${file} cannot be written: ${messageOf(cause)}`, {
      hint: "give this user the right to write to it and to its folder",
      cause,
    });
  }
}

/** (unavailable) `export_not_written` */
export const notWritten = (file: string, cause: unknown): PipectlError =>
  unavailable("export_not_written", `${file} cannot be written: ${messageOf(cause)}`, {
    hint: "name a file in a folder that is there and that this user may write to",
    cause,
  });
