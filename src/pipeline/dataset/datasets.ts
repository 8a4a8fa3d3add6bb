import { existsSync } from "node:fs";
import type { Config } from "../../config/load.js";
import { type Finding, finding } from "../../core/finding.js";
import { count } from "../../core/format.js";
import { clashesOf, findDatasets, loadDataset, requireOwnTables } from "../../dataset/folder.js";
import { openInputs } from "../../dataset/inputs/open.js";
import type { Dataset } from "../../dataset/types.js";
import type { Workspace } from "../../workspace/workspace.js";
import { diffDataset } from "../evolve/diff.js";
import { loadMarts, martsFolder } from "../marts/mart.js";
import { topicDifferences } from "../topic/topics.js";

export interface DatasetEntry {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly topic: string | null;
  readonly columns: number | null;
  readonly tables: readonly string[];
  /** True for the one that `DATASET` names. */
  readonly current: boolean;
  readonly problems: readonly string[];
}

/** The dataset that `DATASET` names. @throws as `loadDataset` of the manifests' folder */
export const currentDataset = ({ root, values }: Config): Dataset => loadDataset(root, values.DATASET);

/** Every manifest, with its problems. */
export function listDatasets({ root, values }: Config): DatasetEntry[] {
  const found = findDatasets(root);
  const good = found.flatMap((one) => ("dataset" in one ? [one.dataset] : []));
  return found.map((one) => {
    const { name, path } = one;
    const entry = { name, path, current: name === values.DATASET };
    if ("problem" in one)
      return { ...entry, description: "", topic: null, columns: null, tables: [], problems: [one.problem] };
    const { description, topic, columns, tables } = one.dataset;
    return {
      ...{ ...entry, description, topic, columns: columns.length },
      tables: Object.values(tables).map(({ qualified }) => qualified),
      problems: clashesOf(one.dataset, good),
    };
  });
}

/**
 * Checks a manifest against files to send, its topic and its tables. Changes nothing.
 *
 * @param files inputs, as for `generate`
 */
export async function checkDataset(workspace: Workspace, files: readonly string[]): Promise<Finding[]> {
  const { dataset, config } = workspace;
  const columns = `${count(dataset.columns.length)} columns, natural key ${dataset.silver.naturalKey.join(", ")}`;
  return [
    await finding("Manifest", async () => {
      requireOwnTables(dataset, config.root);
      const long = longDescriptions(dataset);
      const detail = `${dataset.path}: ${columns}`;
      if (long.length === 0) return { status: "ok", detail };
      return {
        status: "warning",
        detail: `${detail}; some catalogs refuse a description of more than ${shortEnough} characters: ${long.join(", ")}`,
        hint: "shorten it, where yours does",
      };
    }),
    ...(existsSync(martsFolder(config.root, dataset.name)) ? [await checkMarts(workspace)] : []),
    ...(await Promise.all(files.map((file) => checkFile(dataset, file)))),
    ...(await checkStack(workspace)),
  ];
}

/** What catalogs over a database of their own take: a column of this width, such as Hive's (apache/paimon#8223). Iceberg has no limit. */
const shortEnough = 255;

/** Columns whose description a catalog may refuse, with its number of characters. */
const longDescriptions = ({ columns }: Dataset): string[] =>
  columns
    .filter(({ description }) => description.length > shortEnough)
    .map(({ name, description }) => `${name} (${count(description.length)})`);

/** Checks the marts as far as they can be read without Flink. */
async function checkMarts({ dataset, config }: Workspace): Promise<Finding> {
  return await finding("Marts", async () => {
    const tables = loadMarts(config.root, dataset).map(({ table }) => table.qualified);
    return { status: "ok", detail: tables.length === 0 ? "there are none" : tables.join(", ") };
  });
}

async function checkFile(dataset: Dataset, file: string): Promise<Finding> {
  return await finding(file, async () => {
    const inputs = await openInputs(dataset, [file]);
    try {
      for await (const records of inputs.records()) {
        const unreadable = inputs.unreadable();
        const of = `the first ${count(records.length)} records`;
        return unreadable === 0
          ? { status: "ok", detail: `has the dataset's columns; ${of} can be read` }
          : { status: "warning", detail: `${count(unreadable)} of ${of} are dead letters` };
      }
      return { status: "problem", detail: "has no records" };
    } finally {
      await inputs.close();
    }
  });
}

/** A stack that is not running is not the manifest's fault. */
async function checkStack(workspace: Workspace): Promise<Finding[]> {
  const { catalog, kafka, dataset } = workspace;
  return await Promise.all([
    finding("Topic", async () => {
      const topic = await kafka.describeTopic(dataset.topic);
      if (topic === undefined)
        return {
          status: "warning",
          detail: `there is no topic ${dataset.topic}`,
          hint: "pipectl create-topics",
        };
      const differences = topicDifferences(dataset, topic);
      return differences.length === 0
        ? { status: "ok", detail: `${dataset.topic} is as the manifest says` }
        : { status: "warning", detail: differences.join("; ") };
    }),
    finding("Tables", async () => {
      await catalog.ping();
      const { tables } = await diffDataset(workspace);
      const refused = tables.flatMap(({ refusals }) => refusals).length;
      const changed = tables.flatMap(({ changes }) => changes).length;
      if (refused > 0)
        return {
          status: "problem",
          detail: `${refused} changes cannot be made`,
          hint: "pipectl dataset diff",
        };
      if (changed > 0)
        return {
          status: "warning",
          detail: `${changed} changes are needed`,
          hint: "pipectl dataset diff",
        };
      const there = tables.filter(({ exists }) => exists).length;
      return {
        status: "ok",
        detail: there === 0 ? "not created yet; process creates them" : "are as the manifest describes them",
      };
    }),
  ]);
}
