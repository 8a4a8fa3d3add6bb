import { existsSync } from "node:fs";
import { chmod, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { messageOf, usage } from "../../core/errors.js";

/**
 * Writes keys to a `.env` file, which only its owner may read from then on. A line with the same key is replaced, every other
 * line stays. The new file appears in one rename.
 *
 * @throws PipectlError (usage) `env_file_unwritable`
 */
export async function putKeys(path: string, keys: Readonly<Record<string, string>>): Promise<void> {
  let text = existsSync(path) ? await readFile(path, "utf8") : "";
  const missing: string[] = [];
  for (const [key, value] of Object.entries(keys)) {
    const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=.*$`, "gm");
    if (text.search(line) >= 0) text = text.replace(line, () => `${key}=${value}`);
    else missing.push(`${key}=${value}`);
  }
  if (missing.length > 0) {
    if (text !== "" && !text.endsWith("\n")) text += "\n";
    text += `# Written by pipectl on the first use of Docker.\n${missing.join("\n")}\n`;
  }
  // A symbolic link stays a link: its target is replaced.
  const target = existsSync(path) ? await realpath(path) : path;
  const fresh = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(fresh, text, { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw usage("env_file_unwritable", `${path} cannot be written: ${messageOf(error)}`, {
      hint: `put ${Object.keys(keys).join(", ")} into it by hand`,
      cause: error,
    });
  }
}
