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

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
