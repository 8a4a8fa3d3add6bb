import type { Readable } from "node:stream";
import type { ChalkInstance } from "chalk";
import type { Config } from "../config/load.js";
import type { Report } from "../core/report.js";
import type { Workspace } from "../workspace/workspace.js";

/** What the outside gives to a command; a test gives its own. */
export interface Deps {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: {
    /** False when more than a little waits to be taken; `drain` comes when it no longer does. */
    write(text: string): unknown;
    once?(event: "drain", listener: () => void): unknown;
    readonly isTTY?: boolean;
  };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly root: string;
}

export interface CommandContext {
  /** What is written to standard error has the secrets taken out. */
  readonly deps: Deps;
  /** Takes the secrets of the configuration out of a text that is shown without `print`. */
  hide(text: string): string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly chalk: ChalkInstance;
  /** Loads the configuration; wrong settings end the command here. */
  config(): Config;
  /** Opens the workspace; it is closed when the command ends. A command that starts the stack says so. */
  workspace(use?: "as it is" | "started"): Promise<Workspace>;
  /** Kafka alone, likewise closed: for a command that is about no dataset that there is. */
  kafka(): Promise<Workspace["kafka"]>;
  /** The result of the command, its texts without secrets: one JSON document with `--json`, else what `human` makes of it. */
  print<T>(result: T, human: (result: T) => string): void;
}

export type OptionValues = Readonly<Record<string, unknown>>;

/** A command as data. `run` loads what it needs when it is called, so that `--help` is quick. */
export interface CommandDefinition {
  /** As in commander: `generate [files...]`; `dataset infer <file>` stands behind the definition of `dataset`. */
  readonly usage: string;
  readonly summary: string;
  /** Flags and what they do; an optional default is shown by `--help`. */
  readonly options?: readonly (readonly [flags: string, text: string, fallback?: string])[];
  readonly example: string;
  /** True when its result is rows of the tables, which are shown as they are. */
  readonly rows?: true;
  /** @returns the exit code, 0 when it returns nothing */
  run(context: CommandContext, args: readonly string[], options: OptionValues): Promise<number | undefined>;
}

/** An option as it is typed: `--older-than` of `olderThan`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Reads a number option. @throws PipectlError (usage) `option_invalid` */
export async function numberOption(
  options: OptionValues,
  name: string,
  allowed: { readonly min: number; readonly max?: number; readonly whole?: boolean },
): Promise<number | undefined> {
  const text = options[name];
  if (text === undefined) return undefined;
  const n = Number(text);
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = allowed;
  if (String(text).trim() !== "" && n >= min && n <= max && (!whole || Number.isInteger(n))) return n;
  const { usage } = await import("../core/errors.js");
  const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
  throw usage(
    "option_invalid",
    `${flagOf(name)} is '${text}', but must be a ${whole ? "whole " : ""}number, ${range}`,
  );
}
