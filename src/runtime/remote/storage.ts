import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Values } from "../../config/schema.js";
import type { Report } from "../../core/report.js";
import type { Project } from "../jvm/jars.js";
import { maven } from "../jvm/maven.js";

/** Iceberg's jar with the clients of a cloud storage, by the scheme of the warehouse's URI. */
const bundles: Readonly<Record<string, string>> = {
  s3: "iceberg-aws-bundle",
  s3a: "iceberg-aws-bundle",
  gs: "iceberg-gcp-bundle",
  abfs: "iceberg-azure-bundle",
  abfss: "iceberg-azure-bundle",
  wasb: "iceberg-azure-bundle",
  wasbs: "iceberg-azure-bundle",
};

/** The newest published version. It contains only Azure's clients, and works with the newer Iceberg. */
const versions: Readonly<Record<string, string>> = { "iceberg-azure-bundle": "1.10.0" };

/**
 * The bundle that a warehouse needs; undefined when none is needed, or when the warehouse is known only by a name and no
 * setting shows its storage.
 *
 * @param values the warehouse, and the settings of storages
 */
export function bundleOf({
  CATALOG_WAREHOUSE: warehouse,
  CATALOG_OPTIONS: options,
  ...s3
}: Pick<Values, "CATALOG_WAREHOUSE" | "CATALOG_OPTIONS" | "S3_ENDPOINT" | "S3_REGION" | "S3_ACCESS_KEY">):
  | string
  | undefined {
  const scheme = /^([a-z0-9]+):\/\//.exec(warehouse)?.[1];
  if (scheme !== undefined) return bundles[scheme];
  const names = Object.keys(options);
  if (names.some((name) => name.startsWith("gcs."))) return bundles.gs;
  if (names.some((name) => name.startsWith("adls."))) return bundles.abfss;
  return s3.S3_ENDPOINT + s3.S3_REGION + s3.S3_ACCESS_KEY === "" ? undefined : bundles.s3;
}

/** The jars of a bundle, resolved by Maven, which keeps them in its local repository. */
export async function bundleJars(
  bundle: string,
  { root, stateDir, environment }: Project,
  report: Report,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const kept = join(stateDir, "lib", `${bundle}.txt`);
  const known = (await readFile(kept, "utf8").catch(() => "")).split("\n").filter(Boolean);
  if (known.length > 0 && known.every((jar) => existsSync(jar))) return known;
  report({ type: "step", text: `Resolving ${bundle} with Maven (once; about 60 MB)` });
  const flink = join(root, "flink");
  const version = versions[bundle];
  const which = [
    `-Dstorage.bundle=${bundle}`,
    ...(version === undefined ? [] : [`-Dstorage.version=${version}`]),
  ];
  const args = ["-Pstorage", "-pl", "storage", ...which, "package"];
  await maven(flink, args, environment, report, signal);
  const text = await readFile(join(flink, "storage", "target", "classpath.txt"), "utf8");
  const jars = text.trim().split(delimiter);
  await mkdir(join(stateDir, "lib"), { recursive: true });
  await writeFile(kept, jars.join("\n"));
  return jars;
}
