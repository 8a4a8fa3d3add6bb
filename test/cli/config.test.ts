import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keys } from "../../src/config/schema.js";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryProject } from "../helpers/folder.js";

const root = temporaryProject();

describe("config", () => {
  it("shows every key with its value and where it came from", async () => {
    writeFileSync(join(root, ".env"), "TASK_SLOTS=5\n");
    const { code, stdout } = await pipectl(["config"], { root, environment: { PARALLELISM: "2" } });
    expect(code).toBe(0);
    const rows = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/ {2,}/));
    expect(rows.map(([key]) => key)).toEqual(Object.keys(keys));
    expect(rows).toContainEqual(["TASK_SLOTS", "5", "file"]);
    expect(rows).toContainEqual(["PARALLELISM", "2", "environment"]);
    expect(rows).toContainEqual(["KAFKA_PORT", "9092", "default"]);
  });

  it("--keys documents every key", async () => {
    const { stdout } = await pipectl(["config", "--keys"], { root });
    for (const [name, { doc }] of Object.entries(keys))
      expect(stdout).toMatch(new RegExp(`^${name} .*${literally(doc)}$`, "m"));
  });

  it("--json has numbers as they were written, and one document", async () => {
    const { settings } = documentOf(await pipectl(["config", "--json"], { root })) as {
      settings: { key: string }[];
    };
    expect(settings.map(({ key }) => key)).toEqual(Object.keys(keys));
  });
});

describe("the S3 credentials", () => {
  const project = temporaryProject();
  const names = ["S3_ACCESS_KEY", "S3_SECRET_KEY"] as const;
  const inFile = { S3_ACCESS_KEY: "access-from-file", S3_SECRET_KEY: "secret-from-file" };
  const inEnvironment = { S3_ACCESS_KEY: "access-from-outside", S3_SECRET_KEY: "secret-from-outside" };
  writeFileSync(join(project, ".env"), names.map((name) => `${name}=${inFile[name]}\n`).join(""));
  const run = async (argv: string[], environment: Record<string, string> = {}) =>
    await pipectl(argv, { root: project, environment });

  it.each([
    ["file", {}],
    ["environment", inEnvironment],
  ])("from the %s are masked, in the table, as JSON and with -v", async (source, environment) => {
    for (const argv of [["config"], ["config", "-v"], ["config", "--keys"], ["config", "--json"]]) {
      const { code, stdout, stderr } = await run(argv, environment);
      expect(code).toBe(0);
      for (const secret of [...Object.values(inFile), ...Object.values(inEnvironment)])
        expect(stdout + stderr).not.toContain(secret);
    }
    const { stdout } = await run(["config"], environment);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +\\*{8} +${source}$`, "m"));
    const { settings } = documentOf(await run(["config", "--json"], environment)) as { settings: object[] };
    for (const key of names)
      expect(settings).toContainEqual(expect.objectContaining({ key, value: "********", source }));
  });

  it("that are not set are shown as not set", async () => {
    const { stdout } = await pipectl(["config"], { root });
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +default$`, "m"));
  });

  it.each([
    ["too short", "hunter2"],
    ["with a space", "hunter2 hunter2"],
    ["with a quote", "hunter2'hunter2"],
    ["that a shell would read as more", "hunter2$(hunter2)"],
    ["too long", "hunter2".repeat(20)],
  ])("%s are refused without a word of them", async (_what, value) => {
    for (const name of names) {
      for (const argv of [["config"], ["config", "-v"], ["status", "--json"], ["build-sql", "-v"]]) {
        const { code, stdout, stderr } = await run(argv, { [name]: value });
        expect(code).toBe(2);
        expect(stdout + stderr).toContain(`${name} (environment) is a value of ${value.length} characters`);
        expect(stdout + stderr).toContain("8 to 128 letters, digits");
        expect(stdout + stderr).not.toContain("hunter2");
      }
    }
  });

  it("that are wrong in .env are not shown either, but the file is named", async () => {
    const file = join(project, "wrong.env");
    writeFileSync(file, "S3_SECRET_KEY='hunter2 hunter2'\n");
    const { code, stdout, stderr } = await run(["config", "--env-file", file]);
    expect(code).toBe(2);
    expect(stderr).toContain(`S3_SECRET_KEY (${file}) is a value of 15 characters`);
    expect(stdout + stderr).not.toContain("hunter2");
  });
});

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
