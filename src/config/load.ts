import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { parse } from "dotenv";
import type { ZodError } from "zod";
import { usage } from "../core/errors.js";
import { nearest } from "../core/nearest.js";
import { type Key, type KeyDefinition, keys, type Values } from "./schema.js";

/** Where a value came from; a flag wins over the environment, which wins over `.env`, which wins over the default. */
export type Source = "flag" | "environment" | "file" | "default";

export interface Config {
  readonly values: Values;
  readonly sources: Readonly<Record<Key, Source>>;
  /** The values as they were written, for `pipectl config`. */
  readonly texts: Readonly<Record<Key, string>>;
  /** Absolute path of the `.env` that was looked for. */
  readonly envFile: string;
  readonly envFileFound: boolean;
  /** Absolute path of the project: templates, datasets, flink and build lie below it. */
  readonly root: string;
  /** Absolute path of STATE_DIR. */
  readonly stateDir: string;
  /** JAVA_HOME and PATH, to find Java and Maven with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface LoadOptions {
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--env-file`; `.env` below the root unless told. */
  readonly envFile?: string | undefined;
  /** Values given as flags, by key. */
  readonly flags?: Partial<Record<Key, string>>;
}

/**
 * Reads `.env`, the environment and the flags into one frozen configuration.
 *
 * @throws PipectlError (usage) `config_invalid` that lists every problem at once, each with its key, where it was set,
 *   the value (never a secret's) and what would be right
 */
export function loadConfig(options: LoadOptions): Config {
  const envFile = resolve(options.root, options.envFile ?? ".env");
  const envFileFound = existsSync(envFile);
  if (!envFileFound && options.envFile !== undefined) {
    throw usage("env_file_missing", `there is no file ${envFile}`, {
      hint: "cp .env.example .env",
    });
  }
  const file = envFileFound ? parse(readFileSync(envFile)) : {};
  const problems: string[] = [];
  for (const name of Object.keys(file)) {
    if (Object.hasOwn(keys, name)) continue;
    const near = nearest(name, Object.keys(keys));
    problems.push(
      `${name} (${envFile}) is no key of pipectl${near === undefined ? "" : `: did you mean ${near}?`}`,
    );
  }

  const values: Record<string, unknown> = {};
  const sources = {} as Record<Key, Source>;
  const texts = {} as Record<Key, string>;
  for (const [name, definition] of Object.entries(keys) as [Key, KeyDefinition][]) {
    const [text, source] = pick(name, definition, options, file);
    texts[name] = text;
    sources[name] = source;
    const parsed = definition.schema.safeParse(text);
    if (parsed.success) {
      values[name] = parsed.data;
    } else {
      const where = { flag: "flag", environment: "environment", file: envFile, default: "default" }[source];
      const shown = definition.secret ? `a value of ${text.length} characters` : `'${text}'`;
      problems.push(`${name} (${where}) is ${shown}, but must be ${wanted(parsed.error)}`);
    }
  }
  if (problems.length === 0) problems.push(...portClashes(values as unknown as Values));
  if (problems.length > 0) {
    const many =
      problems.length > 1 ? `${problems.length} problems in the configuration` : "the configuration is wrong";
    throw usage("config_invalid", [`${many}:`, ...problems.map((line) => `  ${line}`)].join("\n"), {
      hint: "pipectl config --keys lists every key, its default and what it does",
    });
  }
  const stateDir = values.STATE_DIR as string;
  return Object.freeze({
    values: Object.freeze(values) as unknown as Values,
    sources: Object.freeze(sources),
    texts: Object.freeze(texts),
    envFile,
    envFileFound,
    root: options.root,
    stateDir: isAbsolute(stateDir) ? stateDir : join(options.root, stateDir),
    environment: options.environment,
  });
}

function pick(
  name: Key,
  definition: KeyDefinition,
  options: LoadOptions,
  file: Record<string, string>,
): [string, Source] {
  const flag = options.flags?.[name];
  if (flag !== undefined) return [flag, "flag"];
  const fromEnvironment = options.environment[name];
  if (fromEnvironment !== undefined && fromEnvironment !== "") return [fromEnvironment, "environment"];
  const fromFile = file[name];
  if (fromFile !== undefined && fromFile !== "") return [fromFile, "file"];
  return [definition.default, "default"];
}

function wanted(error: ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === "invalid_value") return issue.values.map(String).join(" or ");
  return issue?.message ?? "something else";
}

/** Two services on one port would fail long after this point, and say something about an address. */
function portClashes(values: Values): string[] {
  const seen = new Map<number, string>();
  const problems: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (!name.endsWith("_PORT")) continue;
    const port = (value as number) + values.PORT_OFFSET;
    const other = seen.get(port);
    if (other !== undefined) problems.push(`${name} and ${other} are both port ${port}`);
    if (port > 65_535) problems.push(`${name} + PORT_OFFSET is ${port}, above 65535`);
    seen.set(port, name);
  }
  return problems;
}
