import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import { type Key, keys } from "../../../src/config/schema.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();
type Texts = Readonly<Record<string, string>>;

/** Loads with exactly these texts; `file` becomes the `.env` of a root of its own. */
function load(from: { flags?: Partial<Record<Key, string>>; environment?: Texts; file?: string }) {
  const project = join(folder, String(Math.random()));
  mkdirSync(project);
  if (from.file !== undefined) writeFileSync(join(project, ".env"), from.file);
  return loadConfig({ root: project, environment: from.environment ?? {}, flags: from.flags ?? {} });
}
const problemsOf = async (from: Parameters<typeof load>[0]) => {
  const error = await problemOf(() => load(from));
  expect(error).toMatchObject({
    code: "config_invalid",
    exitCode: 2,
    hint: expect.stringContaining("pipectl config"),
  });
  return error.message;
};

describe("precedence", () => {
  it("takes flag over environment over file over default", () => {
    const file = "PARALLELISM=5\nTASK_SLOTS=6\nCONSUMER_GROUP=from-file\n";
    const environment = { PARALLELISM: "7", TASK_SLOTS: "9" };
    const config = load({ file, environment, flags: { PARALLELISM: "11" } });
    expect(config.values).toMatchObject({
      PARALLELISM: 11,
      TASK_SLOTS: 9,
      CONSUMER_GROUP: "from-file",
      TASKMANAGERS: 1,
    });
    expect(config.sources).toMatchObject({
      PARALLELISM: "flag",
      TASK_SLOTS: "environment",
      CONSUMER_GROUP: "file",
      TASKMANAGERS: "default",
    });
  });

  it("takes an empty value for not given", () => {
    const config = load({ file: "PARALLELISM=\n", environment: { TASK_SLOTS: "" } });
    expect(config.values).toMatchObject({ PARALLELISM: 3, TASK_SLOTS: 9 });
    expect(config.sources).toMatchObject({ PARALLELISM: "default", TASK_SLOTS: "default" });
  });

  it("every default is valid, and the result cannot be changed", () => {
    const config = load({});
    expect(config.envFileFound).toBe(false);
    expect(Object.keys(config.values)).toEqual(Object.keys(keys));
    for (const part of [config, config.values, config.sources]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("reads another file when it is told to, and insists on it", async () => {
    writeFileSync(join(folder, "other.env"), "MODE=streaming_bronze\n");
    const options = { root: folder, environment: {} };
    expect(loadConfig({ ...options, envFile: "other.env" }).values.MODE).toBe("streaming_bronze");
    expect(loadConfig({ ...options, envFile: join(folder, "other.env") }).envFileFound).toBe(true);
    const error = await problemOf(() => loadConfig({ ...options, envFile: "absent.env" }));
    expect(error).toMatchObject({ code: "env_file_missing", exitCode: 2 });
    expect(error.message).toContain(join(folder, "absent.env"));
  });

  it("keeps an absolute STATE_DIR, and puts a relative one below the root", () => {
    expect(load({ flags: { STATE_DIR: "/var/x" } }).stateDir).toBe("/var/x");
    const config = load({ flags: { STATE_DIR: "a/b" } });
    expect(config.stateDir).toBe(join(config.root, "a/b"));
  });
});

describe("problems", () => {
  it("shows all of them at once, with key, place, value and what would be right", async () => {
    const file = "MODE=streaming\nKAFKA_PROT=9092\nWHATEVER=1\nPARALLELISM=0\n";
    const environment = { TASK_SLOTS: "many", CHECKPOINT_INTERVAL: "10 seconds" };
    const message = await problemsOf({ file, environment, flags: { SUBMIT_VIA: "pigeon" } });
    const [title, ...lines] = message.split("\n");
    expect(title).toBe("7 problems in the configuration:");
    const env = lines[0]?.slice(lines[0].indexOf("("), lines[0].indexOf(")") + 1);
    expect(env).toMatch(/^\(.*\/\.env\)$/);
    expect(lines).toEqual([
      `  KAFKA_PROT ${env} is no key of pipectl: did you mean KAFKA_PORT?`,
      `  WHATEVER ${env} is no key of pipectl`,
      `  MODE ${env} is 'streaming', but must be batch or streaming_bronze`,
      "  SUBMIT_VIA (flag) is 'pigeon', but must be sql-client or gateway",
      `  PARALLELISM ${env} is '0', but must be a whole number from 1 to 1000`,
      "  CHECKPOINT_INTERVAL (environment) is '10 seconds', but must be a number and a unit: 500ms, 10s, 5min, 1h, 7d",
      "  TASK_SLOTS (environment) is 'many', but must be a whole number from 1 to 256",
    ]);
  });

  it("says it in one sentence when there is one", async () => {
    const message = await problemsOf({ flags: { MODE: "x" } });
    expect(message).toBe(
      "the configuration is wrong:\n  MODE (flag) is 'x', but must be batch or streaming_bronze",
    );
  });

  it("does not look at unknown names of the environment, which belong to others", () => {
    expect(() => load({ environment: { KAFKA_PROT: "1", PATH: "/bin", HOME: "/root" } })).not.toThrow();
  });

  it.each([
    ["PARALLELISM", ["0", "1001", "-1", "1.5", "1e2", "0x10", " 3", "three"]],
    ["KAFKA_PORT", ["0", "65536", "99999999999999999999"]],
    ["TASK_HEAP_MB", ["255", "262145", "1g"]],
    ["PORT_OFFSET", ["-100", "50001"]],
    ["CHECKPOINT_INTERVAL", ["10", "s", "1.5s", "-10s", "10 s", "10S", "1w", "499ms", "0s"]],
    ["DATASET", ["Taxi", "../taxi", "a/b", "taxi.yml", `a${"b".repeat(63)}`]],
    ["CONSUMER_GROUP", ["a b", "é", "a'b", "x".repeat(201)]],
    ["RUNTIME", ["docker-compose", "LOCAL"]],
  ] as const)("%s refuses what is out of its shape", async (name, texts) => {
    for (const text of texts)
      expect(await problemsOf({ flags: { [name]: text } })).toContain(`${name} (flag) is '${text}'`);
  });

  it.each([
    ["PARALLELISM", "1", 1],
    ["PARALLELISM", "1000", 1_000],
    ["KAFKA_PORT", "65535", 65_535],
    ["CHECKPOINT_INTERVAL", "500ms", 500],
    ["CHECKPOINT_INTERVAL", "10s", 10_000],
    ["JOB_TIMEOUT", "5min", 300_000],
    ["JOB_TIMEOUT", "2h", 7_200_000],
    ["JOB_TIMEOUT", "7d", 604_800_000],
  ] as const)("%s=%s is %d", (name, text, value) => {
    expect(load({ flags: { [name]: text } }).values[name]).toBe(value);
  });

  it("says what is wrong with a duration that is too short, not how durations are written", async () => {
    expect(await problemsOf({ flags: { CHECKPOINT_INTERVAL: "100ms" } })).toContain(
      "but must be at least 500ms",
    );
  });
});

describe("ports", () => {
  it("refuses two services on one port, each clash on a line", async () => {
    const message = await problemsOf({ environment: { FLINK_PORT: "9092", CATALOG_PORT: "8083" } });
    expect(message.split("\n").slice(1)).toEqual([
      "  FLINK_PORT and KAFKA_PORT are both port 9092",
      "  CATALOG_PORT and GATEWAY_PORT are both port 8083",
    ]);
  });

  it("refuses an offset that moves a port out of range", async () => {
    const message = await problemsOf({ flags: { PORT_OFFSET: "50000", KAFKA_PORT: "30000" } });
    expect(message).toContain("KAFKA_PORT + PORT_OFFSET is 80000, above 65535");
  });

  it("moves all of them together", () => {
    expect(() => load({ flags: { PORT_OFFSET: "100" } })).not.toThrow();
  });
});
