import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { delimiter, join, relative } from "node:path";
import { failed, unavailable } from "../../core/errors.js";
import { run } from "../../core/exec.js";
import type { Report } from "../../core/report.js";
import { pathOf } from "./java.js";

export type ClassPathName = "cluster" | "broker" | "catalog";
export type ClassPaths = Readonly<Record<ClassPathName, readonly string[]>>;

const modules: readonly ClassPathName[] = ["cluster", "broker", "catalog"];

/**
 * The class path of each kind of process, from `flink/pom.xml`. Maven resolves it once per state of `flink/`; the
 * answer is kept below `stateDir/lib/<hash>` and appears there in one rename, so a run that was cut short leaves
 * nothing that looks whole. Jars stay in Maven's local repository; one that has since gone is resolved again.
 *
 * @throws PipectlError (unavailable) `maven_missing`; (failed) `maven_failed` with Maven's own error lines
 */
export async function classPaths(
  root: string,
  stateDir: string,
  environment: Readonly<Record<string, string | undefined>>,
  report: Report,
  signal: AbortSignal,
): Promise<ClassPaths> {
  const lib = join(stateDir, "lib");
  const home = join(lib, await fingerprint(join(root, "flink")));
  const known = await readClassPaths(home);
  if (known !== undefined) return known;

  report({
    type: "step",
    text: "Resolving the jars of Flink, Kafka and Iceberg with Maven (once; about 300 MB)",
  });
  await build(join(root, "flink"), environment, report, signal);
  const fresh = `${home}.${process.pid}.tmp`;
  await mkdir(fresh, { recursive: true });
  try {
    for (const module of modules) {
      const target = join(root, "flink", module, "target");
      const resolved = (await readFile(join(target, "classpath.txt"), "utf8")).trim().split(delimiter);
      const own = (await readdir(target)).filter((name) => /^pipectl-.*\.jar$/.test(name));
      for (const name of own) await cp(join(target, name), join(fresh, name));
      // Our own jar first, and a fixed order: what is loaded never depends on a directory listing.
      const entries = [...own.map((name) => join(home, name)), ...resolved];
      await writeFile(join(fresh, `${module}.txt`), entries.join("\n"));
    }
    await rm(home, { recursive: true, force: true });
    await rename(fresh, home);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  for (const old of await readdir(lib)) {
    if (join(lib, old) !== home && !old.endsWith(".tmp"))
      await rm(join(lib, old), { recursive: true, force: true });
  }
  const built = await readClassPaths(home);
  if (built === undefined) {
    throw failed("maven_failed", `Maven ended without an error, but a jar named in ${home} is not there`, {
      hint: "rm -rf ~/.m2/repository/org/apache/flink, then: pipectl up",
    });
  }
  return built;
}

async function readClassPaths(home: string): Promise<ClassPaths | undefined> {
  if (!existsSync(home)) return undefined;
  const entries = await Promise.all(
    modules.map(async (module) => {
      const jars = (await readFile(join(home, `${module}.txt`), "utf8").catch(() => "")).split("\n");
      const sizes = await Promise.all(
        jars.map(async (jar) => (await stat(jar).catch(() => undefined))?.size ?? 0),
      );
      return sizes.every((size) => size > 0) ? ([module, jars] as const) : undefined;
    }),
  );
  if (entries.some((entry) => entry === undefined)) return undefined;
  return Object.fromEntries(entries as [ClassPathName, string[]][]) as unknown as ClassPaths;
}

async function build(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const timeoutMs = 900_000;
  const ticker = setInterval(() => {
    report({ type: "wait", text: "Maven", elapsedMs: performance.now() - started, timeoutMs });
  }, 1_000);
  try {
    const result = await run("mvn", ["-q", "-B", "-ntp", "-DskipTests", "package"], {
      cwd: folder,
      env: pathOf(environment),
      timeoutMs,
      signal,
    });
    if (result.exitCode !== 0) {
      const errors = `${result.stdout}\n${result.stderr}`
        .split("\n")
        .filter(
          (line) =>
            line.startsWith("[ERROR]") && line.length > 9 && !/Re-run|\[Help|For more information/.test(line),
        );
      throw failed(
        "maven_failed",
        `Maven could not resolve ${join(folder, "pom.xml")}:\n${errors.slice(0, 4).join("\n")}`,
        {
          hint: `cd ${folder} && mvn package -DskipTests`,
        },
      );
    }
  } catch (error) {
    if ((error as { code?: string }).code === "program_missing") {
      throw unavailable("maven_missing", "there is no Maven on this machine: mvn is not on PATH", {
        hint: "install Maven 3.8 or newer, then: pipectl doctor",
        cause: error,
      });
    }
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** Changes when a pom or a Java source does. */
async function fingerprint(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /(pom\.xml|\/src\/main\/.*)$/.test(path) && !path.includes("/target/"))
    .sort();
  for (const path of files)
    hash
      .update(relative(folder, path))
      .update("\0")
      .update(await readFile(path));
  return hash.digest("hex").slice(0, 16);
}
