import { appendFile, mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, PipectlError, systemError, unavailable, usage } from "../core/errors.js";
import type { ValidateResult } from "../pipeline/validate/result.js";
import { annotationOfTrouble, annotationsOfResult, summaryOfResult, summaryOfTrouble } from "./github.js";
import { junitOfResult, junitOfTrouble, type Trouble } from "./junit.js";

/** Where a CI server looks. */
export interface Places {
  /** The file of `--junit`. */
  readonly junit?: string | undefined;
  /** With `--github`: the job's summary, and what the runner reads. */
  readonly github?: { readonly summary: string | undefined; readonly say: (line: string) => unknown };
  /** Takes secrets out of what servers have said: before it is written, which changes how they look. */
  readonly hide: (text: string) => string;
}

export interface CiReports {
  /** Writes the files. */
  result(result: ValidateResult): Promise<void>;
  /** Says to the runner what did not pass: after the result itself, which is easier to read. */
  announce(result: ValidateResult): void;
  /** The command has come to no result: writes the files, and says so to the runner. */
  trouble(error: unknown): Promise<void>;
}

/**
 * Opens what `validate` leaves to a CI server. From here on the JUnit file says that there was no end, until it says
 * what there was: so a place that cannot be written is known before the work, and a killed command leaves no report of an
 * earlier one.
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
      // The error itself is shown by whoever caught it; one more must not take its place.
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

/** The file behind a name, which may be a link to it. */
async function junitFile(name: string): Promise<string> {
  const path = await realpath(name).catch(() => resolve(name));
  const there = await stat(path).catch(() => undefined);
  if (name !== "" && (there === undefined || there.isFile())) return path;
  throw usage("junit_file", `--junit: ${name === "" ? "''" : path} is not a file`, {
    hint: "name a file, as in --junit build/validate.xml; it is written anew each time",
  });
}

/** A reader sees all of it or nothing. */
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
    // Node's words name what it was doing, and to which path.
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
