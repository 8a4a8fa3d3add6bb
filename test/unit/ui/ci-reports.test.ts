import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failed, usage } from "../../../src/core/errors.js";
import { openCiReports, type Places } from "../../../src/ui/ci-reports.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { result, stage } from "../../helpers/validate-result.js";

const open = (places: Omit<Places, "hide">) => openCiReports({ ...places, hide: (text) => text });
const folder = temporaryFolder();
let last = 0;
/** A path that nothing has. */
const fresh = () => join(folder, String(last++));
const read = (file: string) => readFileSync(file, "utf8");
const caseIn = (file: string) => /<(error|failure|system-out).*type="([a-z_]+)"/.exec(read(file))?.slice(1);

describe("--junit", () => {
  it("writes the file with its folders, whole, and leaves nothing beside it", async () => {
    const at = fresh();
    const file = join(at, "a", "b.xml");
    const reports = await open({ junit: file });
    await reports.result(result({ status: "fail", stages: [stage({ status: "fail" })] }));
    expect(caseIn(file)).toEqual(["failure", "stage_failed"]);
    expect(read(file)).toMatch(/<\/testsuites>\n$/);
    expect(readdirSync(join(at, "a"))).toEqual(["b.xml"]);
  });

  it("leaves no report of an earlier run when this one is killed", async () => {
    const file = fresh();
    writeFileSync(file, "the last one");
    await open({ junit: file });
    expect(caseIn(file)).toEqual(["error", "no_end"]);
  });

  it("says why there is no result", async () => {
    const file = fresh();
    const reports = await open({ junit: file });
    await reports.trouble(usage("config_invalid", "MODE is 'x'", { hint: "pipectl config" }));
    expect(caseIn(file)).toEqual(["error", "config_invalid"]);
    expect(read(file)).toContain("MODE is 'x'\ntry: pipectl config</error>");
    await reports.trouble(new TypeError("x is undefined"));
    expect(caseIn(file)).toEqual(["error", "bug"]);
  });

  it("writes the file that a link leads to", async () => {
    const [link, file] = [fresh(), fresh()];
    writeFileSync(file, "");
    symlinkSync(file, link);
    await open({ junit: link });
    expect(caseIn(file)).toEqual(["error", "no_end"]);
  });

  it.each(["", folder, "/dev/null"])("refuses '%s', which is no file", async (name) => {
    await expect(open({ junit: name })).rejects.toMatchObject({ kind: "usage", code: "junit_file" });
  });

  it("names the file that cannot be written, before the work", async () => {
    const file = join(fresh(), "report.xml");
    writeFileSync(join(file, ".."), "a file in the place of a folder");
    const error = { kind: "unavailable", code: "report_not_written" };
    await expect(open({ junit: file })).rejects.toMatchObject({
      ...error,
      message: expect.stringMatching(`^--junit: ${file} cannot be written: E[A-Z]+: `),
      hint: expect.any(String),
    });
    await expect(open({ junit: join(folder, "x".repeat(300)) })).rejects.toMatchObject(error);
  });

  it.skipIf(process.getuid?.() === 0)("says so where permission is denied", async () => {
    const closed = fresh();
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    await expect(open({ junit: join(closed, "a.xml") })).rejects.toThrow("EACCES");
  });
});

it("no place has a secret, however it is written there", async () => {
  const [junit, summary] = [fresh(), fresh()];
  const said: string[] = [];
  const hide = (text: string) => text.replaceAll('a<b&"c|d%', "********");
  const github = { summary, say: (line: string) => said.push(line) };
  const reports = await openCiReports({ junit, github, hide });
  const detail = 'the server said: a<b&"c|d%';
  const failing = result({ stages: [stage({ status: "fail", detail })] });
  await reports.result(failing);
  reports.announce(failing);
  const first = read(junit);
  await reports.trouble(failed("busy", detail));
  for (const text of [first, read(junit), ...read(summary).split("## ").slice(1), ...said])
    expect(text.replaceAll("\\", "")).toMatch(/the server said: \*{8}/);
  expect([first, read(junit), read(summary), ...said].join("")).not.toMatch(/a(<|&lt;)b/);
  expect(said).toHaveLength(2);
});

describe("--github", () => {
  const opened = async (summary: string | undefined) => {
    const said: string[] = [];
    return { said, reports: await open({ github: { summary, say: (line) => said.push(line) } }) };
  };

  it("adds to what other steps have written, and tells the runner after the result", async () => {
    const summary = fresh();
    writeFileSync(summary, "before\n");
    const { reports, said } = await opened(summary);
    const failing = result({ status: "fail", stages: [stage({ status: "fail" })] });
    await reports.result(failing);
    expect(read(summary)).toMatch(/^before\n## pipectl validate: FAIL\n/);
    expect(said).toEqual([]);
    reports.announce(failing);
    expect(said).toEqual([expect.stringMatching(/^::error /)]);
  });

  it("says why there is no result", async () => {
    const summary = fresh();
    const { reports, said } = await opened(summary);
    await reports.trouble(failed("kafka_failed", "no broker"));
    expect(read(summary)).toBe("## pipectl validate: ERROR\n\nno broker\n\n");
    expect(said).toEqual(["::error title=pipectl validate::no broker"]);
  });

  it.each([undefined, ""])(
    "is a usage error where GITHUB_STEP_SUMMARY is %j, and writes nothing",
    async (name) => {
      const junit = fresh();
      const github = { summary: name, say: () => {} };
      await expect(open({ junit, github })).rejects.toMatchObject({
        kind: "usage",
        code: "github_summary",
        message: expect.stringContaining("GITHUB_STEP_SUMMARY"),
        hint: expect.any(String),
      });
      expect(existsSync(junit)).toBe(false);
    },
  );

  it("names the summary that cannot be written", async () => {
    await expect(opened(folder)).rejects.toThrow(`GITHUB_STEP_SUMMARY: ${folder} cannot be written: EISDIR`);
  });
});
