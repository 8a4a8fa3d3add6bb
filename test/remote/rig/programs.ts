import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "./jars.js";

/** A program from a Go module, built once per version. */
export async function goProgram(path: string, version: string): Promise<string> {
  const name = path.split("/").at(-1) as string;
  const folder = join(cacheFolder, `${name}-${version}`);
  const file = join(folder, name);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  await execa("go", ["install", "-ldflags", "-s -w", `${path}@${version}`], { env: { GOBIN: folder } });
  return file;
}

/** The folder of an npm package that the tests run as a program of its own; no part of the project's dependencies. */
export async function npmPackage(name: string, version: string): Promise<string> {
  const folder = join(cacheFolder, `${name}-${version}`);
  const installed = join(folder, "node_modules", name);
  if (existsSync(join(folder, "done"))) return installed;
  mkdirSync(folder, { recursive: true });
  const quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
  await execa("npm", ["install", ...quiet, "--prefix", folder, `${name}@${version}`], { cwd: folder });
  mkdirSync(join(folder, "done"));
  return installed;
}
