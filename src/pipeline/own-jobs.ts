import type { Dataset } from "../dataset/types.js";
import { withoutPlaceholders } from "../flink/session.js";
import type { Workspace } from "./workspace.js";

/** How the names of our own Flink jobs begin, those that are no SQL. */
export const deleteDatesJob = (dataset: Dataset) => `pipectl delete dates ${dataset.name} `;
export const compactJob = (dataset: Dataset) => `pipectl compact ${dataset.name} `;
export const tendJob = (dataset: Dataset) => `pipectl tend ${dataset.name} `;

/** The arguments of one of them: its name, the catalog as Flink reaches it, and what it wants itself. */
export function jobArguments(
  { runtime }: Workspace,
  name: string,
  own: Readonly<Record<string, string>>,
): string[] {
  const { catalog, secrets } = runtime.inside;
  const properties = Object.entries(catalog).map(([key, value]) => [
    `catalog.${key}`,
    withoutPlaceholders(value, secrets),
  ]);
  const options = { name, ...Object.fromEntries(properties), ...own };
  return Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
}
