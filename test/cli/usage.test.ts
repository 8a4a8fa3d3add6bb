import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryProject } from "../helpers/folder.js";

const root = temporaryProject();
interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

describe("a wrong command line", () => {
  it.each([
    [["statu"], "Did you mean status?"],
    [["proces"], "Did you mean process?"],
    [["status", "--jsn"], "Did you mean --json?"],
    [["generate", "--cuont", "5"], "Did you mean --count?"],
  ])("%j exits 2 and suggests what was meant", async (argv, suggestion) => {
    const { code, stdout, stderr } = await pipectl(argv, { root });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(suggestion);
  });

  it.each([
    [["query"], "sql"],
    [["status", "too", "many"], "too many arguments"],
    [["status", "--timeout"], "--timeout"],
    [["jobs", "cancel"], "jobs cancel ID"],
    [["jobs", "stop", "x"], "jobs cancel ID"],
    [["generate", "--mode", "quick"], "burst, realtime or batch"],
    [["generate", "--count", "many"], "--count is 'many'"],
    [["generate", "--count", "0"], "--count is '0'"],
    [["generate", "--count", "1.5"], "whole number"],
    [["generate", "--malformed", "2"], "from 0 to 1"],
    [["generate", "--rate", "0"], "--rate is '0'"],
    [["logs", "--lines", "-1"], "--lines is '-1'"],
    [["process-silver", "--from", "2019-02-30"], "'2019-02-30' is no date"],
    [["process-silver", "--from", "2019-02-02", "--to", "2019-02-01"], "lies after"],
    [["query", "DROP TABLE t"], "query only reads"],
    [["snapshots", "gold"], "'gold' is no table of the dataset"],
    [["snapshots", "--limit", "0"], "--limit is '0'"],
    [["rollback", "--to", "1"], "table"],
    [["rollback", "gold", "--to", "1", "--yes"], "'gold' is no table of the dataset"],
    [["rollback", "bronze", "--yes"], "rollback needs --to ID"],
    [["rollback", "bronze", "--to", "1"], "nobody can answer here"],
    [["repair"], "nobody can answer here"],
  ])("%j exits 2 and says what is wrong, before anything is contacted", async (argv, text) => {
    const { code, stdout, stderr } = await pipectl(argv, { root });
    expect(stderr).toContain(text);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each(["0", "-1", "soon", "NaN", "Infinity", "1e10"])("--timeout %s exits 2", async (text) => {
    const { code, stderr } = await pipectl(["config", "--timeout", text], { root });
    expect(code).toBe(2);
    expect(stderr).toContain(`--timeout is '${text}', but must be a number of seconds`);
  });
});

describe("wrong settings", () => {
  const environment = { MODE: "stream", TASK_SLOTS: "0" };

  it.each([["config"], ["status"], ["build-sql"], ["process"], ["check-lag"]])(
    "end %s with 2, all of them listed",
    async (command) => {
      const { code, stdout, stderr } = await pipectl([command], { root, environment });
      expect(code).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^error: 2 problems in the configuration:$/m);
      expect(stderr).toContain("MODE (environment) is 'stream', but must be batch or streaming_bronze");
      expect(stderr).toContain("TASK_SLOTS (environment) is '0', but must be a whole number from 1 to 256");
      expect(stderr).toMatch(/^ {2}try: /m);
    },
  );

  it("name the file and the key that was meant", async () => {
    writeFileSync(join(root, "wrong.env"), "KAFKA_PROT=1\nMODE=batch\n");
    const { code, stderr } = await pipectl(["config", "--env-file", join(root, "wrong.env")], { root });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `KAFKA_PROT (${join(root, "wrong.env")}) is no key of pipectl: did you mean KAFKA_PORT?`,
    );
  });

  it("include an --env-file that is not there, and a dataset that is not", async () => {
    expect(await pipectl(["config", "--env-file", "absent"], { root })).toMatchObject({
      code: 2,
      stdout: "",
    });
    const unknown = await pipectl(["build-sql"], { root, environment: { DATASET: "bikes" } });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain(join(root, "datasets", "bikes.yml"));
  });

  it("do not keep --help from being shown", async () => {
    expect((await pipectl(["status", "--help"], { root, environment })).code).toBe(0);
  });
});

describe("--json", () => {
  it.each([
    ["a setting", ["status", "--json"], { MODE: "x" }, "config_invalid"],
    ["an option", ["generate", "--json", "--count", "0"], {}, "option_invalid"],
    ["--timeout", ["config", "--json", "--timeout", "soon"], {}, "option_invalid"],
    ["a date", ["--json", "process-silver", "--from", "x"], {}, "date_invalid"],
    ["MODE", ["process", "--json", "--mode", "streaming_bronze"], {}, "mode"],
  ])(
    "makes an error about %s one document with code and message",
    async (_what, argv, environment, errorCode) => {
      const result = await pipectl(argv, { root, environment });
      expect(result).toMatchObject({ code: 2, stderr: "" });
      expect(result.stdout).toMatch(/^\{.*\}\n$/);
      const { error } = documentOf(result) as ErrorDocument;
      expect(error.code).toBe(errorCode);
      expect(error.message).not.toBe("");
      expect(Object.keys(error).every((name) => ["code", "message", "hint"].includes(name))).toBe(true);
    },
  );

  it("has the next step as hint", async () => {
    const { error } = documentOf(
      await pipectl(["status", "--json"], { root, environment: { MODE: "x" } }),
    ) as ErrorDocument;
    expect(error.hint).toContain("pipectl config");
  });

  it.each([[["--json", "statu"]], [["status", "--json", "--colour"]], [["query", "--json"]]])(
    "makes an error about the command line %j a document, too",
    async (argv) => {
      const { error } = documentOf(await pipectl(argv, { root })) as ErrorDocument;
      expect(error.message).not.toBe("");
    },
  );
});

describe("MODE", () => {
  it.each([
    [["generate", "--mode", "realtime", "--count", "0"], "--count is '0'"],
    [["--mode", "quick", "generate", "--mode", "batch"], "MODE (flag) is 'quick'"],
  ])("is not the --mode of generate: %j", async (argv, text) => {
    const { code, stderr } = await pipectl(argv, { root });
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  it.each(["process", "process-bronze"])("%s needs batch, and names the line to change", async (command) => {
    const { code, stderr } = await pipectl([command], { root, environment: { MODE: "streaming_bronze" } });
    expect(code).toBe(2);
    expect(stderr).toContain("MODE is streaming_bronze, but this command needs MODE=batch");
    expect(stderr).toContain(`set MODE=batch in ${join(root, ".env")}, or add --mode batch`);
  });

  it.each([
    [["--mode", "streaming_bronze", "config", "--json"]],
    [["config", "--json", "--mode", "streaming_bronze"]],
  ])("%j: the flag may stand on either side, and wins over the environment", async (argv) => {
    const result = documentOf(await pipectl(argv, { root, environment: { MODE: "batch" } })) as {
      settings: { key: string; value: string; source: string }[];
    };
    expect(result.settings.find(({ key }) => key === "MODE")).toMatchObject({
      value: "streaming_bronze",
      source: "flag",
    });
  });
});
