import { readFile, writeFile } from "node:fs/promises";
import type { Config } from "../../config/load.js";
import { usage } from "../../core/errors.js";
import { notWritten, replaceFile } from "../../core/new-file.js";
import { currentDataset } from "../dataset/datasets.js";
import { loadMarts } from "../marts/mart.js";
import { dbtSources } from "./sources.js";

/** @throws PipectlError (usage) `format_unknown` */
export function requireFormat(format: string): void {
  if (format === "dbt") return;
  throw usage("format_unknown", `'${format}' is not an export format`, {
    hint: "pipectl dataset export dbt",
  });
}

/**
 * The sources file of dbt for the dataset that `DATASET` names. Needs no service.
 *
 * @param file the file to write, if any
 * @throws PipectlError (usage) `file_exists`: only an earlier export of the dataset is replaced; (unavailable) `export_not_written`,
 *   `file_not_written`
 */
export async function exportDbt(
  config: Config,
  file: string | undefined,
): Promise<{ readonly file: string | null; readonly yaml: string }> {
  const dataset = currentDataset(config);
  const yaml = dbtSources(dataset, loadMarts(config.root, dataset));
  if (file === undefined) return { file: null, yaml };
  try {
    await writeFile(file, yaml, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritten(file, error);
    const [head] = yaml.split("\n");
    const [found] = (await readFile(file, "utf8").catch(() => "")).split(/\r?\n/);
    if (found !== head)
      throw usage("file_exists", `${file} exists already, and is no earlier export of ${dataset.name}`, {
        hint: "name a new file, or one whose first line says that this command made it",
      });
    await replaceFile(file, yaml);
  }
  return { file, yaml };
}
