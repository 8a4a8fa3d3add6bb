import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The project itself: templates, datasets and src lie below it. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A folder for this test file, removed after it. */
export function temporaryFolder(name = "pipectl-test-"): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A project of its own, with the real templates and datasets: what is written below it touches nobody else. */
export function temporaryProject(): string {
  const folder = temporaryFolder("pipectl-project-");
  for (const name of ["templates", "datasets"]) symlinkSync(join(root, name), join(folder, name));
  return folder;
}
