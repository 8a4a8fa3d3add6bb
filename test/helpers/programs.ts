import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./folder.js";

/** Makes PATHs on which there are only these programs, each a shell script; call it once in a test file. */
export function fakePrograms(): (scripts: Readonly<Record<string, string>>) => string {
  const folder = temporaryFolder();
  return (scripts) => {
    const path = mkdtempSync(join(folder, "path-"));
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return path;
  };
}
