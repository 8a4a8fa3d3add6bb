import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { parse } from "dotenv";
import type { ZodError } from "zod";
import { usage } from "../core/errors.js";
import type { Environment } from "../core/exec.js";
import { basicAuth } from "../core/http-access.js";
import { nearest } from "../core/nearest.js";
import type { KeyDefinition } from "./key.js";
import { remoteProblems } from "./remote-problems.js";
import { type Key, keys, type Values } from "./schema.js";

/** The source of a value. Flags win over the environment, which wins over `.env`, which wins over the default. */
export type Source = "flag" | "environment" | "file" | "default";

export interface Config {
  readonly values: Values;
  readonly sources: Readonly<Record<Key, Source>>;
  /** The values as they were written, for `pipectl config`. */
  readonly texts: Readonly<Record<Key, string>>;
  /** Absolute path of the `.env` that was looked for. */
  readonly envFile: string;
  readonly envFileFound: boolean;
  /** Absolute path of the project, which holds templates, datasets, flink and build. */
  readonly root: string;
  /** Absolute path of STATE_DIR. */
  readonly stateDir: string;
  /** The values of the secret keys. Nobody may see them. */
  readonly secrets: readonly string[];
  /** JAVA_HOME and PATH, to find Java and Maven. */
  readonly environment: Environment;
}

export interface LoadOptions {
  readonly root: string;
  readonly environment: Environment;
  /** `--env-file`; by default `.env` in the project's root. */
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
    if (Object.hasOwn(keys, name) || secretOf(name) !== undefined) continue;
    const near = nearest(name, Object.keys(keys));
    problems.push(
      `${name} (${envFile}) is no key of pipectl${near === undefined ? "" : `: did you mean ${near}?`}`,
    );
  }

  const values: Record<string, unknown> = {};
  const sources = {} as Record<Key, Source>;
  const texts = {} as Record<Key, string>;
  for (const [name, definition] of Object.entries(keys) as [Key, KeyDefinition][]) {
    const { text, source, problem } = pick(name, definition, options, file);
    texts[name] = text;
    sources[name] = source;
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    const parsed = definition.schema.safeParse(text);
    if (parsed.success) {
      values[name] = parsed.data;
    } else {
      const where = { flag: "flag", environment: "environment", file: envFile, default: "default" }[source];
      const shown = definition.secret
        ? `a value of ${text.length} characters`
        : `'${text.replace(/\/\/[^/@\s]*@/, "//********@")}'`;
      problems.push(`${name} (${where}) is ${shown}, but must be ${wanted(parsed.error)}`);
    }
  }
  if (problems.length === 0) {
    const checked = values as unknown as Values;
    problems.push(...portClashes(checked), ...remoteProblems(checked, (path) => resolve(options.root, path)));
  }
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
    secrets: secretsAmong(values as unknown as Values),
    environment: options.environment,
  });
}

/** The secret values. A key that holds several secrets gives each of them. */
function secretsAmong(values: Values): string[] {
  return (Object.entries(keys) as [Key, KeyDefinition][]).flatMap(([name, { secret }]) => {
    if (secret !== true) return [];
    const value: unknown = values[name];
    // Some of several values may be no secret at all, such as `true`.
    const several = () => Object.values(value as Record<string, string>).filter((text) => text.length >= 8);
    const texts = typeof value === "string" ? [value] : several();
    return texts.flatMap((text) => {
      // Encoded forms and parts of it are secret, too.
      if (name === "CATALOG_CREDENTIAL") return [text, text.replace(/^[^:]*:/, "")];
      if (name === "FLINK_HEADERS") return [text, text.replace(/^\w+ /, "")];
      if (name === "FLINK_PASSWORD") return [text, basicAuth(values.FLINK_USERNAME, text)];
      return [text];
    });
  });
}

/** The secret key that a `*_FILE` variable stands for: KAFKA_PASSWORD for KAFKA_PASSWORD_FILE. */
function secretOf(name: string): Key | undefined {
  const key = name.replace(/_FILE$/, "") as Key;
  if (key === name || !Object.hasOwn(keys, key)) return undefined;
  return (keys[key] as KeyDefinition).secret === true ? key : undefined;
}

interface Picked {
  readonly text: string;
  readonly source: Source;
  readonly problem?: string;
}

function pick(
  name: Key,
  definition: KeyDefinition,
  options: LoadOptions,
  file: Readonly<Record<string, string | undefined>>,
): Picked {
  const flag = options.flags?.[name];
  if (flag !== undefined) return { text: flag, source: "flag" };
  for (const [source, from] of [["environment", options.environment] as const, ["file", file] as const]) {
    const text = from[name] ?? "";
    const path = definition.secret === true ? (from[`${name}_FILE`] ?? "") : "";
    if (text !== "" && path !== "")
      return { text: "", source, problem: `${name} and ${name}_FILE are both set: one of them is enough` };
    if (text !== "") return { text, source };
    if (path !== "") return { source, ...secretIn(`${name}_FILE`, resolve(options.root, path)) };
  }
  return { text: definition.default, source: "default" };
}

/** Reads a secret from a file, as Docker and Kubernetes provide it. A trailing line end is not part of it. */
function secretIn(name: string, path: string): Pick<Picked, "text" | "problem"> {
  try {
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { text, problem: `${name} names ${path}, but that file is empty` } : { text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { text: "", problem: `${name} names ${path}, but that file cannot be read (${code})` };
  }
}

function wanted(error: ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === "invalid_value") return issue.values.map(String).join(" or ");
  return issue?.message ?? "something else";
}

/** Two services on one port would fail much later, with an error about an address. */
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
