import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ColumnType, parseColumnType } from "../../../src/dataset/column-type.js";
import { type RunContext, sqlContext } from "../../../src/execution/sql-context.js";
import { localRuntime } from "../../../src/runtime/local/local-runtime.js";
import { filesOf, renderFiles } from "../../../src/sql/files.js";
import { splitStatements } from "../../../src/sql/statements.js";
import { root } from "../../helpers/folder.js";
import { configOf, taxi } from "../../helpers/workspace.js";

const folder = join(import.meta.dirname, "golden");

/** Every setting fixed, so that no path of this machine stands in a golden file. */
function renderMode(mode: "batch" | "streaming_bronze", maintenance: "off" | "inline" = "off") {
  const config = configOf({ MODE: mode, MAINTENANCE: maintenance, STATE_DIR: "/srv/pipectl" });
  const context = sqlContext(config, taxi, localRuntime(config).inside, { run: "preview" });
  return renderFiles(root, filesOf[mode], context);
}

describe.each(["batch", "streaming_bronze"] as const)("%s", (mode) => {
  const files = renderMode(mode);

  it("has a golden file for each rendered file, and no other", () => {
    expect(readdirSync(join(folder, mode)).sort()).toEqual(
      [...files.keys()].map((name) => `${name}.sql`).sort(),
    );
  });

  it.each([...files])(
    "%s is as it was (`vitest run --project unit -u` after a change on purpose)",
    async (name, sql) => {
      await expect(sql).toMatchFileSnapshot(join(folder, mode, `${name}.sql`));
      expect(sql).not.toContain(root);
    },
  );

  it("is whole statements, none empty, with nothing left of the template", () => {
    for (const [name, sql] of files) {
      expect(sql).not.toMatch(/\{\{|\}\}|undefined|\[object|null,/);
      expect(splitStatements(name, sql).length).toBeGreaterThan(0);
    }
  });
});

describe("MAINTENANCE=inline", () => {
  const [off, inline] = [renderMode("streaming_bronze"), renderMode("streaming_bronze", "inline")];

  it("is a golden file of continuous bronze, and changes no other", async () => {
    const name = "07_streaming_bronze";
    await expect(inline.get(name)).toMatchFileSnapshot(join(folder, "inline", `${name}.sql`));
    expect([...inline].filter(([file]) => file !== name)).toEqual([...off].filter(([file]) => file !== name));
  });

  it("does nothing in batch mode", () => {
    expect(renderMode("batch", "inline")).toEqual(renderMode("batch"));
  });
});

describe("landed rows that are written anew", () => {
  const config = configOf({ STATE_DIR: "/srv/pipectl" });
  const run = { run: "preview", branch: "pipectl_preview", batch: true, replayFrom: "7", backfillFrom: "8" };
  const context = sqlContext(config, taxi, localRuntime(config).inside, run);

  it.each([...renderFiles(root, ["09_replay", "10_backfill"], context)])(
    "%s is as it was",
    async (name, sql) => {
      await expect(sql).toMatchFileSnapshot(join(folder, "rewrite", `${name}.sql`));
    },
  );
});

describe("names that could end their quotes", () => {
  const evil = "a`; DROP TABLE bronze.raw_trips; --'";
  const type = `ROW<\`${evil.replaceAll("`", "``")}\` INT>`;
  const dataset = {
    ...taxi,
    columns: [
      ...taxi.columns,
      {
        ...(taxi.columns[0] as (typeof taxi.columns)[number]),
        ...{ name: evil, source: `${evil}2`, silver: "evil", nullable: false, description: evil },
        ...{ type, parsedType: parseColumnType(type) as ColumnType },
      },
    ],
  };
  const config = configOf({ STATE_DIR: "/srv/pipectl" });
  const run = { run: "preview", branch: "pipectl_preview", batch: true, replayFrom: "7", backfillFrom: "8" };
  const rendered = (of: typeof taxi) =>
    renderFiles(
      root,
      [...new Set([...filesOf.batch, ...filesOf.streaming_bronze, "09_replay", "10_backfill"] as const)],
      sqlContext(config, of, localRuntime(config).inside, run),
    );

  it("do not: each file has as many statements, and the words stand in quotes only", () => {
    const [plain, hostile] = [rendered(taxi), rendered(dataset)];
    for (const [name, sql] of hostile) {
      expect(splitStatements(name, sql).length, name).toBe(
        splitStatements(name, plain.get(name) as string).length,
      );
      expect(sql.replace(/^ *--.*$/gm, "").replace(/'(?:[^']|'')*'|`(?:[^`]|``)*`/g, ""), name).not.toContain(
        "DROP",
      );
    }
    expect([...hostile.values()].join("")).toContain("DROP");
  });
});

describe("a mart", () => {
  const mart = {
    name: "revenue",
    table: { namespace: "gold", table: "taxi_revenue", qualified: "gold.taxi_revenue" },
    sql: "SELECT pickup_date, SUM(total_amount) AS revenue -- dollars\nFROM silver.cleaned_trips GROUP BY pickup_date",
  };
  const rendered = (run: Partial<RunContext>) => {
    const config = configOf({ STATE_DIR: "/srv/pipectl" });
    const context = sqlContext(config, taxi, localRuntime(config).inside, { run: "preview", ...run });
    return renderFiles(root, ["11_mart"], context).get("11_mart") as string;
  };

  it("is a golden file, as build-sql shows it and as a run submits it", async () => {
    await expect(rendered({ mart })).toMatchFileSnapshot(join(folder, "mart", "preview.sql"));
    const reads = { "silver.cleaned_trips": "7", "bronze.raw_trips": null };
    const run = rendered({ run: "r", branch: "pipectl_r", mart: { ...mart, reads } });
    await expect(run).toMatchFileSnapshot(join(folder, "mart", "run.sql"));
  });

  it("ends with its job, whatever its query ends with", () => {
    const statements = splitStatements("m", rendered({ mart: { ...mart, sql: "SELECT 1 AS a -- the end" } }));
    expect(statements.at(-1)?.sql).toMatch(/^INSERT OVERWRITE `lake`\.`gold`\.`taxi_revenue`/);
    expect(statements.filter(({ sql }) => sql.includes("SELECT 1 AS a"))).toHaveLength(1);
  });
});

const setting = (key: string, value: string) => `'${key}' = '${value}'`;

describe("01_source", () => {
  it("is bounded, batch and synchronous in batch mode", () => {
    const sql = renderMode("batch").get("01_source");
    expect(sql).toContain(setting("scan.bounded.mode", "latest-offset"));
    expect(sql).toContain(setting("execution.runtime-mode", "batch"));
    expect(sql).toContain(setting("table.dml-sync", "true"));
    expect(sql).not.toContain("execution.checkpointing.interval");
  });

  it("is streaming and has neither in streaming_bronze mode", () => {
    const sql = renderMode("streaming_bronze").get("01_source");
    expect(sql).toContain(setting("execution.runtime-mode", "streaming"));
    expect(sql).toContain(setting("execution.checkpointing.interval", "10000 ms"));
    expect(sql).not.toContain("scan.bounded");
    expect(sql).not.toContain("table.dml-sync");
  });

  it("begins at the first record there is, in both", () => {
    for (const mode of ["batch", "streaming_bronze"] as const) {
      expect(renderMode(mode).get("01_source")).toContain(setting("scan.startup.mode", "earliest-offset"));
    }
  });
});
