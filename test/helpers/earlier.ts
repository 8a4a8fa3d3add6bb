import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "./environment.js";

/**
 * The project as it was at a commit, built in a folder of its own, for tests of what a new version finds on its disks. Shares the
 * packages of now: only its own code is the old one.
 *
 * @throws Error where Git does not have the commit, as in a clone without history
 */
export async function earlierVersion(commit: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, "..", `${commit}.tar`);
  await execa("git", ["archive", "--format=tar", "-o", archive, commit], { cwd: projectRoot });
  await execa("tar", ["-xf", archive, "-C", folder]);
  await symlink(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  await execa(process.execPath, ["build.mjs"], { cwd: folder });
  return folder;
}

/** Gives another project the datasets of this one. */
export const copyDatasets = async (from: string, to: string): Promise<void> =>
  await cp(join(from, "datasets"), join(to, "datasets"), { recursive: true, force: true });
