import type { KeyDefinition } from "./key.js";
import type { Config, Source } from "./load.js";
import { type Key, keys } from "./schema.js";

export interface ConfigEntry {
  readonly key: string;
  /** The value as written; a secret is masked. */
  readonly value: string;
  readonly source: Source;
  readonly default: string;
  readonly doc: string;
}

/** Each key with its effective value and the source of that. */
export function configEntries(config: Config): ConfigEntry[] {
  return (Object.entries(keys) as [Key, KeyDefinition][]).map(([key, definition]) => ({
    key,
    value: definition.secret && config.texts[key] !== "" ? "********" : config.texts[key],
    source: config.sources[key],
    default: definition.default,
    doc: definition.doc,
  }));
}
