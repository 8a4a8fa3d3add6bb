import { resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { CommandContext, CommandDefinition, Deps } from "./commands/command.js";
import { commandGroups } from "./commands/index.js";
import { ExitCode, failed, messageOf, PipectlError, systemError, unavailable, usage } from "./core/errors.js";
import { withFormerKeys } from "./core/former-keys.js";
import { settledWithin } from "./core/poll.js";
import { redactor, withoutSecrets } from "./core/redact.js";

interface GlobalOptions {
  readonly envFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly timeout?: string;
  readonly dataset?: string;
  readonly mode?: string;
  readonly via?: string;
}

const exitCodes = `
Exit codes:
  0 success · 1 the operation or a check failed · 2 usage or configuration
  3 something it depends on is unavailable or timed out · 70 a bug · 130/143 interrupted`;

/**
 * Runs one command line to its end. Only this function catches errors and decides the exit code.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[], deps: Deps): Promise<number> {
  const stop = new AbortController();
  let exitCode: number = ExitCode.ok;
  let interrupted: number | undefined;
  const json = argv.includes("--json");
  const onSignal = (code: number) => () => {
    // The second signal ends the process at once, whatever the first one is still cleaning up.
    if (interrupted !== undefined) process.exit(code);
    interrupted = code;
    deps.stderr.write("\nstopping; press Ctrl-C again to leave at once\n");
    stop.abort(failed("interrupted", "interrupted"));
  };
  const onInt = onSignal(ExitCode.interrupted);
  const onTerm = onSignal(ExitCode.terminated);
  process.on("SIGINT", onInt);
  process.on("SIGTERM", onTerm);
  // When the terminal is closed, processes that were started only for this command end with it.
  process.on("SIGHUP", onTerm);
  try {
    const program = build(deps, json, async (definition, args, options, globals) => {
      exitCode = await execute(deps, stop, definition, args, options, globals);
    });
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      exitCode = await showError(error, json, deps);
    } else if (error.exitCode === 0) {
      exitCode = ExitCode.ok;
    } else {
      exitCode = ExitCode.usage;
      // Commander has printed its message for people; a script needs a JSON document.
      const said = error.message.replace(/^error: /, "");
      if (json) exitCode = await showError(usage("usage", said, { hint: "pipectl --help" }), json, deps);
    }
  } finally {
    process.off("SIGINT", onInt);
    process.off("SIGTERM", onTerm);
    process.off("SIGHUP", onTerm);
  }
  return interrupted ?? exitCode;
}

type Execute = (
  definition: CommandDefinition,
  args: readonly string[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
) => Promise<void>;

function build(deps: Deps, json: boolean, run: Execute): Command {
  const program = new Command("pipectl")
    .description("Kafka -> Flink SQL -> Apache Iceberg, with an exact account of every record.")
    .version("0.1.0")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void (json || deps.stderr.write(text)),
    })
    // A flag after the command's name may be the command's own: generate has a --mode that is not MODE.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText("after", exitCodes);
  for (const { title, commands } of commandGroups) {
    for (const definition of commands) {
      const { under, usage } = placeOf(definition.usage, program);
      const command = under.command(usage).helpGroup(title).summary(definition.summary);
      command
        .description(definition.summary)
        .exitOverride()
        .addHelpText("after", `\nExample:\n  $ ${definition.example.split("\n").join("\n  $ ")}`);
      for (const { flags, text, fallback } of definition.options) command.option(flags, text, fallback);
      addGlobals(command, new Set(definition.options.map(({ flags }) => flags.split(" ")[0] ?? "")));
      command.action(async (...words: unknown[]) => {
        const self = words.pop() as Command;
        const options = words.pop() as Record<string, unknown>;
        const args = words.flat().filter((word): word is string => typeof word === "string");
        // If the command has a flag of the same name, only the flag before the command's name is the global one.
        const globals = { ...program.opts() };
        for (const [flags] of globalFlags) {
          const name = new Option(flags).attributeName();
          const ownValue = self.options.some(
            (option) => option.attributeName() === name && option.helpGroupHeading === undefined,
          );
          // `dlq --json show 3`: the flag may follow either word.
          const given = [self, self.parent].find((one) => one?.getOptionValueSource(name) === "cli");
          if (!ownValue && given) globals[name] = given.getOptionValue(name);
        }
        await run(definition, args, options, globals as GlobalOptions);
      });
    }
  }
  addGlobals(program);
  return program;
}

/** `dataset infer <file>` is the subcommand `infer <file>` of the command `dataset`, which must exist already. */
function placeOf(usage: string, program: Command): { under: Command; usage: string } {
  const [first = "", ...rest] = usage.split(" ");
  const under = program.commands.find((command) => command.name() === first);
  return under === undefined || rest.length === 0
    ? { under: program, usage }
    : { under, usage: rest.join(" ") };
}

/** Options of every command. */
export const globalFlags: readonly (readonly [flags: string, text: string])[] = [
  ["--env-file <file>", "read settings from this file instead of .env"],
  ["--dataset <name>", "DATASET for this command: the manifest datasets/<name>.yml"],
  ["--mode <mode>", "MODE for this command: batch or streaming_bronze"],
  ["--via <how>", "SUBMIT_VIA for this command: sql-client or gateway"],
  ["--timeout <seconds>", "give up after this many seconds (exit 3)"],
  ["--json", "one JSON document on standard output"],
  ["-q, --quiet", "no progress"],
  ["-v, --verbose", "the cause of an error, with its stack"],
  ["--no-color", "no colours (NO_COLOR works too)"],
];

/**
 * Added to the program and to each command, so that they may precede or follow the command's name. `own` flags take
 * precedence.
 */
function addGlobals(command: Command, own: ReadonlySet<string> = new Set()): void {
  for (const [flags, text] of globalFlags) {
    if (own.has(flags.split(" ")[0] ?? "")) continue;
    command.addOption(new Option(flags, text).helpGroup("Global options:"));
  }
}

async function execute(
  deps: Deps,
  stop: AbortController,
  definition: CommandDefinition,
  args: readonly string[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
): Promise<number> {
  const { terminal } = await import("./ui/terminal.js");
  const color = globals.color !== false && !deps.environment.NO_COLOR && deps.stdout.isTTY === true;
  const screen = terminal({
    write: (text) => void deps.stderr.write(hide(text)),
    interactive: deps.stderr.isTTY === true && !deps.environment.CI,
    color: globals.color !== false && !deps.environment.NO_COLOR && deps.stderr.isTTY === true,
    quiet: globals.quiet === true,
  });
  const { Chalk } = await import("chalk");
  // Secrets are removed from everything that is shown, because a server that refuses a statement may quote it. Rows of a
  // query belong to the user, and are shown unchanged.
  let hide = (text: string) => text;
  const opened: { close(): Promise<void> }[] = [];
  const timer = startTimer(globals.timeout, stop);
  // The command's own time is also how long it asks a server that does not answer.
  const ownMs = globals.timeout === undefined ? undefined : Number(globals.timeout) * 1000;
  const json = globals.json === true;
  let printed = false;
  const context: CommandContext = {
    deps: {
      ...deps,
      stderr: { write: (text) => deps.stderr.write(hide(text)), isTTY: deps.stderr.isTTY === true },
    },
    hide: (text) => hide(text),
    json,
    verbose: globals.verbose === true,
    report: screen.report,
    signal: stop.signal,
    chalk: new Chalk({ level: color ? 1 : 0 }),
    config: () => configOf(deps, globals),
    workspace: async (use = "as it is") => {
      const { openWorkspace, closeWorkspace } = await import("./workspace/workspace.js");
      const starting = use === "started";
      const workspace = await openWorkspace(context.config(), starting, screen.report, stop.signal, ownMs);
      opened.push({ close: () => closeWorkspace(workspace) });
      return workspace;
    },
    kafka: async () => {
      const { openKafka } = await import("./workspace/workspace.js");
      const { kafka, close } = await openKafka(context.config(), screen.report, stop.signal, ownMs);
      opened.push({ close: async () => void (await close()) });
      return kafka;
    },
    print: (result, human) => {
      screen.clear();
      printed = true;
      // Rows are the user's own.
      const documentOf = definition.rows === true ? <T>(value: T) => value : withFormerKeys;
      const shown = definition.rows === true ? result : withoutSecrets(result, hide);
      const text = json ? JSON.stringify(documentOf(shown), undefined, 2) : human(shown);
      if (text !== "") deps.stdout.write(`${text}\n`);
    },
  };
  const { loadConfig } = await import("./config/load.js");
  function configOf(from: Deps, flags: GlobalOptions) {
    const config = loadConfig({
      root: from.root,
      environment: from.environment,
      // Relative to the current folder, like every file on a command line.
      envFile: flags.envFile === undefined ? undefined : resolve(flags.envFile),
      flags: {
        ...(flags.dataset === undefined ? {} : { DATASET: flags.dataset }),
        ...(flags.mode === undefined ? {} : { MODE: flags.mode }),
        ...(flags.via === undefined ? {} : { SUBMIT_VIA: flags.via }),
      },
    });
    hide = redactor(config.secrets);
    return config;
  }
  try {
    const exitCode = (await definition.run(context, args, options)) ?? ExitCode.ok;
    // A command that ends normally when aborted (logs -f, generate) does not know the reason of the abort.
    const { reason } = stop.signal;
    if (!(reason instanceof PipectlError) || reason.code !== "timeout") return exitCode;
    return printed ? ExitCode.unavailable : await showError(reason, json, deps, false, hide);
  } catch (error) {
    screen.clear();
    const reason = stop.signal.aborted ? stop.signal.reason : error;
    return await showError(reason, json, deps, globals.verbose, hide);
  } finally {
    screen.clear();
    clearTimeout(timer);
    // Only for a short time: a client that waits for a dead server must not keep this process running.
    await settledWithin(Promise.allSettled(opened.map((one) => one.close())), 2_000);
  }
}

function startTimer(text: string | undefined, stop: AbortController): NodeJS.Timeout | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  // The upper limit is that of a timer. Above it, Node would fire at once.
  if (!(seconds > 0 && seconds <= 2_147_483)) {
    throw usage("option_invalid", `--timeout is '${text}', but must be a number of seconds`);
  }
  return setTimeout(() => {
    stop.abort(unavailable("timeout", `not done within ${seconds} s (--timeout)`));
  }, seconds * 1000);
}

/** Shows an error in the requested form. Anything but a PipectlError is a bug, and is shown with its stack. */
async function showError(
  thrown: unknown,
  json: boolean,
  deps: Deps,
  verbose = false,
  hide = (text: string) => text,
): Promise<number> {
  const error = systemError(thrown);
  const known = error instanceof PipectlError;
  const message = hide(messageOf(error));
  const hint = known ? error.hint : "this is a bug in pipectl: please report it with the lines above";
  if (json) {
    const code = known ? error.code : "bug";
    deps.stdout.write(
      `${JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } })}\n`,
    );
  } else {
    deps.stderr.write(`error: ${known ? message : hide((error as Error)?.stack ?? message)}\n`);
    if (hint !== undefined) deps.stderr.write(`  try: ${hint}\n`);
    if (verbose && known)
      deps.stderr.write(hide(`${error.stack}\n${error.cause instanceof Error ? error.cause.stack : ""}\n`));
  }
  if (!known) return ExitCode.bug;
  return error.code === "interrupted" ? ExitCode.interrupted : error.exitCode;
}
