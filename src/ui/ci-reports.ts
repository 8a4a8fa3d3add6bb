import { appendFile, mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, PipectlError, systemError, unavailable, usage } from "../core/errors.js";
import type { ValidateResult } from "../pipeline/validate/result.js";
import { annotationOfTrouble, annotationsOfResult, summaryOfResult, summaryOfTrouble } from "./github.js";
import { junitOfResult, junitOfTrouble, type Trouble } from "./junit.js";

/** The files and streams that a CI server reads. */
export interface Places {
  /** The file of `--junit`. */
  readonly junit?: string | undefined;
  /** With `--github`: the job's summary, and what the runner reads. */
  readonly github?: { readonly summary: string | undefined; readonly say: (line: string) => unknown };
  /** Removes secrets from servers' messages. It runs before the text is encoded, which would change how secrets look. */
  readonly hide: (text: string) => string;
}

export interface CiReports {
  /** Writes the files. */
  result(result: ValidateResult): Promise<void>;
  /** Tells the runner which stages did not pass. Call it after the result is shown, which people read first. */
  announce(result: ValidateResult): void;
  /** For a command without a result: writes the files, and tells the runner. */
  trouble(error: unknown): Promise<void>;
}

/**
 * Opens the reports of `validate` for a CI server. First a JUnit file is written that says the command did not finish. So a file that
 * cannot be written is an error before the work, and a killed command leaves no report of an earlier run.
 *
 * @throws PipectlError `report_not_written`, `github_summary`, `junit_file`
 */
export async function openCiReports({ junit, github, hide }: Places): Promise<CiReports> {
  const startedAt = new Date();
  const start = performance.now();
  const took = () => ({ startedAt, seconds: (performance.now() - start) / 1000 });
  const summary = github === undefined ? undefined : summaryFile(github.summary);
  const file = junit === undefined ? undefined : await junitFile(junit);
  const writeJunit = async (text: string) => {
    if (file !== undefined) await written("--junit", file, () => replace(file, text));
  };
  const appendSummary = async (text: string) => {
    if (summary !== undefined) await written("GITHUB_STEP_SUMMARY", summary, () => appendFile(summary, text));
  };
  await appendSummary("");
  await writeJunit(
    junitOfTrouble({ code: "no_end", message: "pipectl validate did not come to its end" }, took()),
  );
  return {
    async result(result) {
      const shown = withoutSecrets(result, hide);
      await writeJunit(junitOfResult(shown, took()));
      await appendSummary(summaryOfResult(shown));
    },
    announce(result) {
      for (const line of annotationsOfResult(withoutSecrets(result, hide))) github?.say(line);
    },
    async trouble(error) {
      const { message, ...trouble } = troubleOf(error);
      const said = { ...trouble, message: hide(message) };
      github?.say(annotationOfTrouble(said));
      // The caller shows the error itself. An error from here must not replace it.
      await Promise.allSettled([
        writeJunit(junitOfTrouble(said, took())),
        appendSummary(summaryOfTrouble(said)),
      ]);
    },
  };
}

function summaryFile(name: string | undefined): string {
  if (name !== undefined && name !== "") return name;
  throw usage(
    "github_summary",
    "--github: there is no GITHUB_STEP_SUMMARY, which names the file of the job's summary",
    {
      hint: "GitHub Actions sets it for each step; into a container it has to be handed, with the file. Elsewhere, leave --github out",
    },
  );
}

/** The path of the file itself, where the name is a symbolic link. */
async function junitFile(name: string): Promise<string> {
  const path = await realpath(name).catch(() => resolve(name));
  const there = await stat(path).catch(() => undefined);
  if (name !== "" && (there === undefined || there.isFile())) return path;
  throw usage("junit_file", `--junit: ${name === "" ? "''" : path} is not a file`, {
    hint: "name a file, as in --junit build/validate.xml; it is written anew each time",
  });
}

/** Writes a file by a rename, so that a reader sees all of it or nothing. */
async function replace(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(beside, text);
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}

async function written(what: string, file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    // Node's message names the operation and the path.
    throw unavailable("report_not_written", `${what}: ${file} cannot be written: ${messageOf(error)}`, {
      hint: "name a file that this user may write, on a disk with space",
      cause: error,
    });
  }
}

function withoutSecrets(result: ValidateResult, hide: (text: string) => string): ValidateResult {
  const stages = result.stages.map((stage) => ({ ...stage, detail: hide(stage.detail) }));
  return { ...result, stages };
}

function troubleOf(thrown: unknown): Trouble {
  const error = systemError(thrown);
  const message = messageOf(error);
  return error instanceof PipectlError
    ? { code: error.code, message, hint: error.hint }
    : { code: "bug", message, hint: "this is a bug in pipectl: please report it" };
}
