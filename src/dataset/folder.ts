import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PipectlError, usage } from "../core/errors.js";
import { nearest } from "../core/nearest.js";
import { loadManifest } from "./manifest.js";
import type { Dataset } from "./types.js";

/** Where the manifest of a dataset lies. */
const manifestPath = (root: string, name: string): string => join(root, "datasets", `${name}.yml`);

/** Names of the datasets that have a manifest, sorted. */
function datasetNames(root: string): string[] {
  const folder = join(root, "datasets");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yml"))
    .map((file) => file.slice(0, -".yml".length))
    .sort();
}

/**
 * The dataset that `DATASET` names.
 *
 * @throws usage error `dataset_missing`, `dataset_name`, and those of `loadManifest`
 */
export function loadDataset(root: string, name: string): Dataset {
  const path = manifestPath(root, name);
  if (!existsSync(path)) {
    const known = datasetNames(root);
    const near = nearest(name, known);
    throw usage("dataset_missing", `there is no dataset ${name}: ${path} is not there`, {
      hint:
        near === undefined
          ? `pipectl dataset infer FILE --name ${name} makes one; there are: ${known.join(", ")}`
          : `did you mean ${near}?`,
    });
  }
  const dataset = loadManifest(path);
  // Jobs, properties and messages carry the manifest's name, while people type the file's.
  if (dataset.name !== name) {
    throw usage("dataset_name", `${path} is the manifest of ${dataset.name}: its name: must be ${name}`, {
      hint: "rename the file, or change its name:",
    });
  }
  return dataset;
}

/** A manifest, or the reason why it cannot be loaded. */
export type Found =
  | { readonly name: string; readonly path: string; readonly dataset: Dataset }
  | { readonly name: string; readonly path: string; readonly problem: string };

/** All manifests. A wrong one does not hide the others. */
export function findDatasets(root: string): Found[] {
  return datasetNames(root).map((name) => {
    const path = manifestPath(root, name);
    try {
      return { name, path, dataset: loadDataset(root, name) };
    } catch (error) {
      if (!(error instanceof PipectlError)) throw error;
      return { name, path, problem: error.message };
    }
  });
}

/** Topics and tables that two datasets share, a sentence each. To some engines, names that differ only in case are the same table. */
export function clashesOf(dataset: Dataset, others: readonly Dataset[]): string[] {
  const own = Object.values(dataset.tables).map(({ qualified }) => qualified);
  const twice = own
    .filter((table, at) => own.indexOf(table) !== at)
    .map((table) => `${table} is named twice`);
  const shared = others
    .filter(({ name }) => name !== dataset.name)
    .flatMap((other) => [
      ...(other.topic === dataset.topic ? [`topic ${other.topic} is also that of ${other.name}`] : []),
      ...Object.values(other.tables)
        .filter(({ qualified }) => own.includes(qualified))
        .map(({ qualified }) => `table ${qualified} is also one of ${other.name}`),
    ]);
  return [...twice, ...shared];
}

/** @throws usage error `dataset_clash` where another dataset has the same topic or table */
export function requireOwnTables(dataset: Dataset, root: string): void {
  const others = findDatasets(root).flatMap((one) => ("dataset" in one ? [one.dataset] : []));
  const clashes = clashesOf(dataset, others);
  if (clashes.length === 0) return;
  throw usage("dataset_clash", `dataset ${dataset.name}: ${clashes.join("; ")}`, {
    hint: `give it names of its own in ${dataset.path}`,
  });
}
