import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "./environment.js";

/** A folder of the tests with Python programs of one package; made on first use. @returns the path of one of them */
export async function pythonProgram(requirement: string, program: string): Promise<string> {
  const folder = join(projectRoot, ".pipectl", requirement.replace("==", "-"));
  if (!existsSync(join(folder, "ready"))) {
    await execa("python3", ["-m", "venv", folder]);
    await execa(join(folder, "bin", "python"), ["-m", "pip", "install", "-q", requirement]);
    await execa("touch", [join(folder, "ready")]);
  }
  return join(folder, "bin", program);
}
