import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ClassPaths, classPaths } from "../../../src/runtime/jvm/jars.js";
import { maven } from "../../../src/runtime/jvm/maven.js";
import { projectRoot } from "../../helpers/environment.js";

/** What is expensive to get and the same for every test run: class paths, Go programs, npm packages. */
export const cacheFolder = join(projectRoot, ".pipectl", "rig");

export type Warehouse = "s3" | "gcs" | "azure";

const quiet = () => {};
const never = () => new AbortController().signal;

/** Servers that start side by side ask for the same jars; Maven must run once. */
const asked = new Map<string, Promise<unknown>>();
function once<T>(what: string, get: () => Promise<T>): Promise<T> {
  const known = asked.get(what) ?? get();
  asked.set(what, known);
  return known as Promise<T>;
}

/** The class paths of pipectl's own JVMs, as the local runtime makes them, kept apart from the user's. */
export const ownClassPaths = (): Promise<ClassPaths> =>
  once("own", () => {
    const root = projectRoot.replace(/\/$/, "");
    return classPaths({ root, stateDir: cacheFolder, environment: process.env }, quiet, never());
  });

/** The jars for tables on this kind of storage, resolved once per state of the two poms. */
export const storageJars = (warehouse: Warehouse): Promise<string[]> =>
  once(warehouse, () => resolved(warehouse));

async function resolved(warehouse: Warehouse): Promise<string[]> {
  const folder = join(projectRoot, "test", "remote", "rig");
  const poms = [join(folder, "pom.xml"), join(projectRoot, "flink", "pom.xml")];
  const hash = createHash("sha256");
  for (const pom of poms) hash.update(readFileSync(pom));
  const file = join(cacheFolder, `${warehouse}-${hash.digest("hex").slice(0, 12)}.txt`);
  const jars = () => readFileSync(file, "utf8").trim().split(delimiter);
  if (existsSync(file) && jars().every((jar) => existsSync(jar))) return jars();
  const goal = ["dependency:build-classpath", `-P${warehouse}`, `-Dmdep.outputFile=${file}.tmp`];
  await maven(folder, goal, process.env, quiet, never());
  renameSync(`${file}.tmp`, file);
  return jars();
}

/** Of those, what Flink lacks: Iceberg's own modules and what they use are inside its Flink jar. */
export const flinkNeeds = (jars: readonly string[]): string[] =>
  jars.filter((jar) => !/\/(iceberg-(aws|gcp|azure)|failsafe)-\d/.test(jar));
