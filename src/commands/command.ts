import type { Readable } from "node:stream";
import type { ChalkInstance } from "chalk";
import type { Config } from "../config/load.js";
import type { Report } from "../core/report.js";
import type { Workspace } from "../workspace/workspace.js";
import { flagOf, flagsOf, type Options, type ValuesOf } from "./options.js";

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

/** An option as the command line takes it. */
export interface DeclaredOption {
  /** As in commander: `-n, --lines <n>`. */
  readonly flags: string;
  readonly text: string;
  readonly fallback?: string | undefined;
}

/** A command as the program runs it. */
export interface CommandDefinition {
  /** As in commander: `generate [files...]`; `dataset infer <file>` stands behind the definition of `dataset`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly DeclaredOption[];
  readonly example: string;
  /** True when its result is rows of the tables, which are shown as they are. */
  readonly rows?: true;
  /**
   * @param given as commander has it, by the names of the options
   * @returns the exit code, 0 when it returns nothing
   * @throws PipectlError (usage) `option_invalid` before anything else is done
   */
  run(
    context: CommandContext,
    args: readonly string[],
    given: Readonly<Record<string, unknown>>,
  ): Promise<number | undefined>;
}

/** A command as its file writes it. `run` loads what it needs when it is called, so that `--help` is quick. */
type CommandSpec<O extends Options> = Omit<CommandDefinition, "options" | "run"> & {
  readonly options?: O;
  run(context: CommandContext, args: readonly string[], options: ValuesOf<O>): Promise<number | undefined>;
};

/** Its `run` gets the options that it declares, each with its type, and no others. */
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
