import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../src/dataset/manifest.js";
import { manifestUnderNamesOfNow } from "../../../src/dataset/rewrite-manifest.js";
import { rulesFor } from "../../../src/ledger/silver-state.js";
import { problemOf } from "../../helpers/problem.js";
import { temporaryFolder } from "./fixtures.js";

const file = temporaryFolder();
const columns = `
name: orders
topic: shop.orders
partitions: 2
retention: 12h
tables: {bronze: bronze.orders, dlq: bronze.orders_dlq, silver: silver.orders}
columns:
  - {name: OrderID, type: INT, silver: order_id}
  - {name: placed, type: TIMESTAMP(6)}
`;
/** As an earlier version had it, in every way that YAML writes a text. */
const former = `${columns}
silver: # kafka_epoch: each record is an event
  natural_key: [kafka_epoch, "kafka_partition", kafka_offset]
  wins: identical
  id: order_key
  filters: ["OrderID >= kafka_epoch", 'OrderID <> ''kafka_epoch'' OR kafka_epoch = 0'] # of kafka_epoch
  partition_by: {column: placed_date, type: DATE, expr: CAST(placed AS DATE)}
  derived:
    - name: topic_no
      type: INT
      # not a second kafka_epoch
      expr: >-
        \`kafka_epoch\`
        + 1
quality:
  - {rule: expression, name: first_topic, sql: kafka_epoch = 0 OR 'kafka_epoch' = '', where: kafka_epoch > 0}
`;
/** The same by hand. */
const now = former
  .replace("[kafka_epoch,", "[kafka_incarnation,")
  .replace("OrderID >= kafka_epoch", "OrderID >= kafka_incarnation")
  .replace("OR kafka_epoch = 0'", "OR kafka_incarnation = 0'")
  .replace("`kafka_epoch`", "`kafka_incarnation`")
  .replace("sql: kafka_epoch", "sql: kafka_incarnation")
  .replace("where: kafka_epoch", "where: kafka_incarnation");

describe("a manifest of an earlier version", () => {
  const path = file("former.yml", former);

  it("is read under the names of now, with a note for each line", () => {
    const { notes, ...dataset } = loadManifest(path);
    const { notes: none, ...expected } = loadManifest(file("now.yml", now));
    expect({ ...dataset, path: "" }).toEqual({ ...expected, path: "" });
    expect(none).toEqual([]);
    const lineOf = (sign: string) => former.slice(0, former.indexOf(sign)).split("\n").length;
    // Of a folded text it is the line that it begins on.
    const lines = ["natural_key:", "filters:", ">-", "rule: expression"].map(lineOf);
    expect(notes).toEqual(
      lines.map(
        (line) =>
          `${path}:${line}: kafka_epoch is called kafka_incarnation now: pipectl dataset apply --rewrite-manifest changes it in the file`,
      ),
    );
  });

  it("is rewritten where it names the column, and nowhere else", () => {
    expect(manifestUnderNamesOfNow(path)).toBe(now);
    expect(manifestUnderNamesOfNow(file("now.yml", now))).toBeUndefined();
  });

  it("is left to people where an anchor has one text for two things", async () => {
    const shared = `${columns.replace("type: INT", "type: INT, description: &text kafka_epoch")}
silver:
  natural_key: [OrderID]
  wins: identical
  id: order_key
  filters: [*text]
  partition_by: {column: placed_date, type: DATE, expr: CAST(placed AS DATE)}
`;
    const anchored = file("anchored.yml", shared);
    expect(await problemOf(async () => manifestUnderNamesOfNow(anchored))).toMatchObject({
      code: "manifest_not_rewritten",
      message: expect.stringContaining(`${anchored}:`),
    });
    expect(readFileSync(anchored, "utf8")).toBe(shared);
  });

  it("has the rules that silver's state has on record of that version", () => {
    const rules = former
      .replace(" OR kafka_epoch = 0'", "'")
      .replace(/quality:[\s\S]*/, "")
      .replace(">-\n        `kafka_epoch`\n        + 1", '"`kafka_epoch` + 1"');
    // As the version before the name made it of this manifest.
    const recorded = "65faf1956e0a872217dc063ead5fd840";
    for (const text of [
      rules,
      rules
        .replaceAll(/kafka_epoch(?='*[\],`"])/g, "kafka_incarnation")
        .replace("'kafka_incarnation''", "'kafka_epoch''"),
    ])
      expect(rulesFor(loadManifest(file("rules.yml", text))).rules).toBe(recorded);
  });

  it("may have no column of either name", async () => {
    for (const name of ["kafka_epoch", "kafka_incarnation"]) {
      const taken = file("taken.yml", now.replace("name: OrderID", `name: ${name}`));
      expect(await problemOf(async () => loadManifest(taken))).toMatchObject({
        message: expect.stringContaining(`${name} is also a column that bronze adds itself`),
      });
    }
  });
});
