import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { manifestText } from "../../../../src/dataset/infer/manifest-text.js";
import { fieldProblem } from "../../../../src/dataset/infer/names.js";
import { expressionProblem } from "../../../../src/dataset/sql-expression.js";
import { planned } from "./planned.js";

interface Written {
  readonly columns: { name: string; source?: string; type: string; silver: string; required?: boolean }[];
  readonly message_key?: string[];
  readonly event_time?: string;
  readonly silver: { natural_key: string[]; id: string; partition_by: { column: string; expr: string } };
}
const written = async (...input: Parameters<typeof planned>) => {
  const text = manifestText(await planned(...input));
  return { text, content: parse(text) as Written };
};

describe("manifestText", () => {
  it("is a complete manifest with the reasons beside", async () => {
    const { text } = await written(
      'order.id,Created At,row_id,note,\n1,2024-01-01T10:00:00Z,,"a, #b",x\n2,2024-01-02T10:00:00Z,x,,y\n3\n',
    );
    expect(text).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=./manifest.schema.json
      # Made by \`pipectl dataset infer\` from 2 records. Every guess has its reason beside it; please check them.
      # Note: 1 record cannot be read and will be dead letters; nothing was learned of them.
      # Note: "" gets no column (it has no name): extra_fields keeps its values.
      name: x
      description: "inferred from x.csv on 2026-11-26"
      format: json
      topic: x.raw
      partitions: 3
      retention: 3d
      tables: {bronze: bronze.x, dlq: bronze.x_dlq, silver: silver.x}

      columns:
        - name: order_id
          source: order.id
          type: INT # whole numbers of up to 1 digit; never NULL
          silver: order_id
        - name: "Created At"
          type: TIMESTAMP_LTZ(6) # times with Z; never NULL
          silver: created_at
        - name: row_id
          type: STRING # text; NULL in 1 of 2
          silver: row_id
        - name: note
          type: STRING # text; NULL in 1 of 2
          silver: note

      message_key: [order_id]
      event_time: "Created At" # a time that every record has

      silver:
        # Key: never NULL and never the same twice in all 2 records.
        # The event time is part of it, because silver is partitioned by it.
        natural_key: [order_id, "Created At"]
        wins: identical
        id: row_id_2
        partition_by:
          column: event_date
          type: DATE
          # The day of the event; a record without one would have no partition to go to.
          expr: "COALESCE(CAST(\`Created At\` AS DATE), DATE '1970-01-01')"
        # Further settings (docs/datasets.md):
        # filters: ["\`amount\` > 0"]
        # derived: [{name: amount_cents, type: BIGINT, expr: "TRY_CAST(\`amount\` * 100 AS BIGINT)"}]
      # synthetic: {columns: {amount: {lognormal: {median: 20, sigma: 1}, decimals: 2}}}
      "
    `);
  });

  it("is silver in one partition where no time is in every record", async () => {
    const { content, text } = await written('{"a":1}\n{"a":1}\n');
    expect(content.silver.partition_by.expr).toBe("DATE '1970-01-01'");
    expect(content.silver.natural_key).toEqual(["kafka_incarnation", "kafka_partition", "kafka_offset"]);
    expect(content).not.toHaveProperty("message_key");
    expect(content).not.toHaveProperty("event_time");
    expect(text).toContain("one partition, which each run rewrites");
  });

  it("keeps its own silver names clear of the columns'", async () => {
    const { content } = await written("row_id,event_date,kafka_incarnation\n1,2024-01-01,3\n");
    expect(content.silver.id).toBe("row_id_2");
    expect(content.silver.partition_by.column).toBe("event_date_2");
    expect(content.columns.map(({ silver }) => silver)).toEqual([
      "row_id",
      "event_date",
      "kafka_incarnation_2",
    ]);
  });

  it("carries hostile names and texts without harm", async () => {
    const names = [
      "a: b",
      "- x",
      "#c",
      "'",
      '"',
      "`",
      "``",
      "{{x}}",
      "$".concat("{x}"),
      "null",
      "true",
      "no",
      "~",
      "1e3",
      "2024-01-01",
      "é",
      "😀",
      "\u2028",
      "\u0085",
      "\ufeff!",
      "a'; DROP TABLE x; --",
      "*x",
      "&x",
      "!x",
      "|",
      ">",
      "%",
      "@",
      "[",
      "]",
      ",",
      "?",
      "a\nb",
      "\t",
      "\u0000",
      "a.b",
      "x".repeat(400),
      "key: [",
      "%YAML",
      "---",
      "...",
    ];
    const time = "2024-01-01 10:00:00";
    const record = Object.fromEntries(
      names.map((name) => [name, name === "`" ? time : `${name}\n# x\r\u2028`]),
    );
    const { text, content } = await written(`${JSON.stringify(record)}\n${JSON.stringify(record)}\n`);
    const kept = names.filter((name) => fieldProblem(name) === undefined);
    expect(content.columns.map(({ name, source }) => source ?? name).sort()).toEqual(kept.sort());
    expect(content.event_time).toBe("`");
    expect(content.silver.partition_by.expr).toBe("COALESCE(CAST(```` AS DATE), DATE '1970-01-01')");
    expect(expressionProblem(content.silver.partition_by.expr)).toBeUndefined();
    const lower = content.columns.map(({ name }) => name.toLowerCase());
    expect(new Set(lower).size).toBe(kept.length);
    for (const { silver } of content.columns) expect(silver).toMatch(/^[a-z][a-z0-9_]{0,126}$/);
    // Nothing of an input ends a line.
    expect(text.split(/[\r\n\u2028\u2029\u0085]/).filter((line) => /^# x/.test(line))).toEqual([]);
  });
});
