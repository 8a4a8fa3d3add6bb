import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryFolder, temporaryProject } from "../helpers/folder.js";
import { freePorts } from "../helpers/ports.js";

// What a CI server reads, with nothing running: no stage can look.

const root = temporaryProject();
const folder = temporaryFolder();
let environment: Record<string, string | undefined>;
let last = 0;

beforeAll(async () => {
  const names = ["KAFKA_PORT", "FLINK_PORT", "GATEWAY_PORT", "CATALOG_PORT"];
  const ports = await freePorts(names.length);
  environment = {
    STATE_DIR: join(folder, "state"),
    PATH: process.env.PATH,
    ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])),
  };
});

/** Runs `validate` with both reports, each in a file of its own. */
async function reported(argv: readonly string[] = [], more: Record<string, string> = {}) {
  const [junit, summary] = [join(folder, `${last}.xml`), join(folder, `${last++}.md`)];
  const result = await pipectl(["validate", "--junit", junit, "--github", ...argv], {
    root,
    environment: { ...environment, GITHUB_STEP_SUMMARY: summary, ...more },
  });
  const text = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return { ...result, junit: text(junit), summary: text(summary) };
}

describe("validate --junit --github", () => {
  it.concurrent("reports stages that could not look, and prints what it prints without", async () => {
    const { code, stdout, junit, summary } = await reported();
    expect(code).toBe(3);
    expect(junit).toMatch(/tests="(\d+)" failures="0" errors="\1"/);
    expect(junit.match(/<error message="[^"]+ does not answer/g)?.length).toBeGreaterThan(0);
    expect(summary).toMatch(/^## pipectl validate: UNKNOWN\n/);
    // The runner's lines come behind the result.
    const lines = stdout.trimEnd().split("\n");
    const announced = lines.slice(lines.indexOf("UNKNOWN (MODE=batch)") + 1);
    expect(announced.slice(0, 3).map((line) => /^::error title=(Stage \d)%3A /.exec(line)?.[1])).toEqual([
      "Stage 1",
      "Stage 2",
      "Stage 3",
    ]);
  });

  it.concurrent("leaves --json one document: the runner reads standard error, too", async () => {
    const result = await reported(["--json", "--quiet"]);
    expect(documentOf(result)).toMatchObject({ status: "unknown" });
    expect(result.stderr).toMatch(/^(::error title=Stage \d.*\n){3,}$/);
  });

  it.concurrent("says in each place why there is no result", async () => {
    const { code, stdout, stderr, junit, summary } = await reported([], { MODE: "sometimes" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ {2}MODE .*sometimes/m);
    expect(junit).toMatch(/<error message="[^"]*MODE[^"]*" type="config_invalid">/);
    expect(summary).toMatch(/^## pipectl validate: ERROR\n/);
    expect(stdout).toMatch(/^::error title=pipectl validate::.*MODE.*\n$/);
  });

  it.concurrent("so does one that ran out of time", async () => {
    const { code, junit } = await reported(["--settle", "60", "--timeout", "0.3"]);
    expect(code).toBe(3);
    expect(junit).toContain("not done within 0.3 s (--timeout)");
    expect(junit).not.toContain("no_end");
  });

  it.concurrent("touches no file when an option is wrong", async () => {
    const { code, junit, summary } = await reported(["--settle", "soon"]);
    expect([code, junit, summary]).toEqual([2, "", ""]);
  });

  it.concurrent("needs GITHUB_STEP_SUMMARY, and a file that can be written", async () => {
    expect(await reported([], { GITHUB_STEP_SUMMARY: "" })).toMatchObject({ code: 2, stdout: "" });
    expect(await reported([], { GITHUB_STEP_SUMMARY: folder })).toMatchObject({ code: 3, stdout: "" });
    const result = await pipectl(["validate", "--json", "--junit", folder], { root, environment });
    expect(result.code).toBe(2);
    expect(documentOf(result)).toMatchObject({ error: { code: "junit_file" } });
  });
});
