import { existsSync } from "node:fs";
import { chmod, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { messageOf, usage } from "../../core/errors.js";

/**
 * Puts keys into a `.env` file, which from then on only its owner may read. A line of the same key is replaced, every other line
 * stays as it is. The new file appears in one rename.
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
  // A link stays a link: what it leads to is replaced.
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
