import { writeFile } from "node:fs/promises";
import type { Config } from "../../config/load.js";
import { usage } from "../../core/errors.js";
import { notWritten } from "../../core/new-file.js";
import { currentDataset } from "../dataset/datasets.js";
import { loadMarts } from "../marts/mart.js";
import { dbtSources } from "./sources.js";

/** @throws PipectlError (usage) `format_unknown` */
export function requireFormat(format: string): void {
  if (format === "dbt") return;
  throw usage("format_unknown", `'${format}' is no format that a dataset can be exported in`, {
    hint: "pipectl dataset export dbt",
  });
}

/**
 * The sources of dbt for the dataset that `DATASET` names. Needs no service.
 *
 * @param file written where it is told
 * @throws PipectlError (usage) `file_exists`: no file is written over; (unavailable) `export_not_written`
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
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw usage("file_exists", `${file} is there already`, { hint: "name a file that is not there yet" });
    throw notWritten(file, error);
  }
  return { file, yaml };
}
