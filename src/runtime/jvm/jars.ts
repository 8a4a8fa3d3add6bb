import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, delimiter, join, sep } from "node:path";
import type { Config } from "../../config/load.js";
import { failed } from "../../core/errors.js";
import { fingerprint } from "../../core/fingerprint.js";
import type { Report } from "../../core/report.js";
import { maven } from "./maven.js";

export type ClassPathName = "cluster" | "gateway" | "broker" | "catalog";
export type ClassPaths = Readonly<Record<ClassPathName, readonly string[]>>;

/** The project's `flink/`, the folder for its jars, and the environment of Maven. */
export type Project = Pick<Config, "root" | "stateDir" | "environment">;

const modules: readonly ClassPathName[] = ["cluster", "gateway", "broker", "catalog"];

/**
 * The class path of each kind of process, from `flink/pom.xml`. Maven resolves it once per state of `flink/`. The result is
 * kept in `stateDir/lib/<hash>`, where it appears in one rename, so that an interrupted run leaves nothing that looks
 * complete. Jars stay in Maven's local repository; if one has been deleted there, all are resolved again.
 *
 * @throws PipectlError (unavailable) `maven_missing`; (failed) `maven_failed` with Maven's own error lines
 */
export async function classPaths(
  { root, stateDir, environment }: Project,
  report: Report,
  signal: AbortSignal,
): Promise<ClassPaths> {
  const lib = join(stateDir, "lib");
  const flink = join(root, "flink");
  const home = join(lib, await fingerprint(flink, /(pom\.xml|\/src\/main\/.*)$/));
  const known = await readClassPaths(home);
  if (known !== undefined) return known;

  report({
    type: "step",
    text: "Resolving the jars of Flink, Kafka and Iceberg with Maven (once; about 470 MB)",
  });
  await maven(flink, ["package"], environment, report, signal);
  const fresh = `${home}.${process.pid}.tmp`;
  await mkdir(fresh, { recursive: true });
  try {
    for (const module of modules) {
      const target = join(flink, module, "target");
      const resolved = (await readFile(join(target, "classpath.txt"), "utf8")).trim().split(delimiter);
      const own = (await readdir(target)).filter((name) => /^pipectl-.*\.jar$/.test(name));
      for (const name of own) await cp(join(target, name), join(fresh, name));
      // A module may need the jar of another module of this project: then it gets the copy, because the next build
      // replaces the original.
      const kept = resolved.map((jar) => (jar.startsWith(flink + sep) ? join(home, basename(jar)) : jar));
      // The project's own jar comes first, and the order is fixed: what is loaded must not depend on a directory
      // listing.
      const entries = [...own.map((name) => join(home, name)), ...kept];
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
    throw failed("maven_failed", `Maven ended without an error, but a jar named in ${home} does not exist`, {
      hint: "rm -rf ~/.m2/repository/org/apache/flink, then: pipectl up",
    });
  }
  return built;
}

/** The jar with pipectl's own Flink jobs. */
export async function jobJar(project: Project, report: Report): Promise<string> {
  const jars = await classPaths(project, report, new AbortController().signal);
  return jars.cluster[0] as string;
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
