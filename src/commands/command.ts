import type { Readable } from "node:stream";
import type { ChalkInstance } from "chalk";
import type { Config } from "../config/load.js";
import type { Report } from "../core/report.js";
import type { Workspace } from "../workspace/workspace.js";
import { flagOf, flagsOf, type Options, type ValuesOf } from "./options.js";

/** The environment of a command. A test provides its own. */
export interface Deps {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: {
    /** False when the output buffer is full; `drain` is emitted when it is not any more. */
    write(text: string): unknown;
    once?(event: "drain", listener: () => void): unknown;
    readonly isTTY?: boolean;
  };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly root: string;
}

export interface CommandContext {
  /** Secrets are removed from everything written to standard error. */
  readonly deps: Deps;
  /** Removes the configuration's secrets from a text that is shown without `print`. */
  hide(text: string): string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly chalk: ChalkInstance;
  /** Loads the configuration. Wrong settings end the command here. */
  config(): Config;
  /** Opens the workspace, which is closed when the command ends. `started` is for commands that start the stack. */
  workspace(use?: "as it is" | "started"): Promise<Workspace>;
  /** Only Kafka, also closed at the end: for a command that works without an existing dataset. */
  kafka(): Promise<Workspace["kafka"]>;
  /** Prints the command's result without secrets: one JSON document with `--json`, else the text that `human` makes of it. */
  print<T>(result: T, human: (result: T) => string): void;
}

/** An option for the command line. */
export interface DeclaredOption {
  /** In commander's notation: `-n, --lines <n>`. */
  readonly flags: string;
  readonly text: string;
  readonly fallback?: string | undefined;
}

/** A command for the program. */
export interface CommandDefinition {
  /** In commander's notation: `generate [files...]`. `dataset infer <file>` must come after the definition of `dataset`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly DeclaredOption[];
  readonly example: string;
  /** True when its result is rows of the tables, which are shown unchanged. */
  readonly rows?: true;
  /**
   * @param given commander's values, by the names of the options
   * @returns the exit code; undefined means 0
   * @throws PipectlError (usage) `option_invalid` before anything else is done
   */
  run(
    context: CommandContext,
    args: readonly string[],
    given: Readonly<Record<string, unknown>>,
  ): Promise<number | undefined>;
}

/** A command as its file defines it. `run` imports what it needs when it is called, so that `--help` is quick. */
type CommandSpec<O extends Options> = Omit<CommandDefinition, "options" | "run"> & {
  readonly options?: O;
  run(context: CommandContext, args: readonly string[], options: ValuesOf<O>): Promise<number | undefined>;
};

/** `run` gets exactly the options that the command declares, each with its type. */
export function command<O extends Options = Record<never, never>>(spec: CommandSpec<O>): CommandDefinition {
  const { run, options = {} as O, ...rest } = spec;
  const declared = Object.entries(options);
  return {
    ...rest,
    options: declared.map(([name, option]) => ({ ...option, flags: flagsOf(name, option) })),
    run: async (context, args, given) => {
      const values = declared.map(([name, option]) => [name, option.read(given[name], flagOf(name))]);
      return await run(context, args, Object.fromEntries(values) as ValuesOf<O>);
    },
  };
}
