import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadMarts, type Mart } from "../../../../src/pipeline/marts/mart.js";
import { hashOf } from "../../../../src/pipeline/marts/mart-state.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi } from "../../../helpers/workspace.js";

let root = "";
beforeEach(() => {
  root = temporaryFolder();
});

function write(files: Readonly<Record<string, string>>) {
  const folder = join(root, "datasets", "taxi", "marts");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
const problem = async () => await problemOf(() => loadMarts(root, taxi));

describe("marts of a dataset", () => {
  it("are none without a folder", () => {
    expect(loadMarts(root, taxi)).toEqual([]);
  });

  it("are its files, with what the head of each says", () => {
    write({
      "revenue.sql":
        "-- Revenue by day,\n--   dollars.\n\n-- table: gold.by_day\nSELECT 1 AS a -- no more\n;",
      "a.sql": "SELECT 'x' AS a",
      "README.md": "no mart",
    });
    expect(loadMarts(root, taxi)).toMatchObject([
      { name: "a", table: { qualified: "gold.taxi_a" }, description: "", line: 1, sql: "SELECT 'x' AS a" },
      {
        name: "revenue",
        file: "datasets/taxi/marts/revenue.sql",
        table: { namespace: "gold", table: "by_day", qualified: "gold.by_day" },
        description: "Revenue by day, dollars.",
        line: 5,
      },
    ]);
  });

  it("of an earlier version are read under the names of now, with a note for each line, and are not behind for it", () => {
    const sql =
      "SELECT kafka_epoch, -- kafka_epoch\n  'kafka_epoch' AS a\nFROM bronze.raw_trips WHERE `kafka_epoch` = 0";
    write({ "topics.sql": `-- By kafka_epoch.\n${sql}\n` });
    const [mart] = loadMarts(root, taxi);
    expect(mart).toMatchObject({
      sql: "SELECT kafka_incarnation, -- kafka_epoch\n  'kafka_epoch' AS a\nFROM bronze.raw_trips WHERE `kafka_incarnation` = 0",
      description: "By kafka_epoch.",
      notes: [
        expect.stringMatching(
          /^datasets\/taxi\/marts\/topics.sql:2: kafka_epoch is called kafka_incarnation now/,
        ),
        expect.stringMatching(/^datasets\/taxi\/marts\/topics.sql:4: /),
      ],
    });
    expect(hashOf(mart as Mart)).toBe(createHash("md5").update(sql).digest("hex"));
  });

  it("are refused with all that is wrong, by file and line", async () => {
    write({
      "Big.sql": "SELECT 1",
      "a.sql": "\nDROP TABLE t",
      "b.sql": "-- table: Gold\nSELECT 1",
      "c.sql": "-- table: silver.cleaned_trips\nSELECT 1",
      "d.sql": "-- table: gold.taxi_e\nSELECT 1",
      "e.sql": "SELECT 1",
    });
    expect(await problem()).toMatchObject({ code: "mart_invalid", kind: "usage" });
    expect((await problem()).message.split("\n  ").slice(1)).toEqual([
      "datasets/taxi/marts/Big.sql: its name must be snake_case (a-z, 0-9 and '_'), up to 100 characters",
      "datasets/taxi/marts/a.sql:2: begins with something else than SELECT or WITH",
      "datasets/taxi/marts/b.sql:1: table: must be namespace.table in snake_case",
      "datasets/taxi/marts/c.sql: its table silver.cleaned_trips is also a table of the dataset itself",
      "datasets/taxi/marts/e.sql: its table gold.taxi_e is also that of datasets/taxi/marts/d.sql",
    ]);
  });

  it("are refused where they read each other in a circle", async () => {
    write({ "a.sql": "SELECT 1 FROM gold.taxi_b", "b.sql": "SELECT 1 FROM gold.`taxi_a`" });
    expect((await problem()).message).toContain("a reads b reads a");
  });
});
