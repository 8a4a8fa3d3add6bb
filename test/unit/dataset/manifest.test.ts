import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { columnNamed, loadManifest } from "../../../src/dataset/manifest.js";
import { problemOf } from "../../helpers/problem.js";
import { ordersDataset, ordersYaml, taxiManifest, temporaryFolder } from "./fixtures.js";

const file = temporaryFolder();
const taxi = readFileSync(taxiManifest, "utf8");
const problems = async (yaml: string) => (await problemOf(() => loadManifest(file("bad.yml", yaml)))).message;

describe("loadManifest", () => {
  it("reads the taxi manifest", () => {
    const dataset = loadManifest(taxiManifest);
    expect(dataset.columns).toHaveLength(20);
    expect(dataset).toMatchObject({ topic: "taxi.raw_trips", partitions: 3, retentionMs: 3 * 86_400_000 });
    expect(dataset.tables.dlq).toEqual({
      namespace: "bronze",
      table: "raw_trips_dlq",
      qualified: "bronze.raw_trips_dlq",
    });
    expect(dataset.columns.filter((column) => !column.required).map((column) => column.name)).toEqual([
      "congestion_surcharge",
      "airport_fee",
      "cbd_congestion_fee",
    ]);
    expect(columnNamed(dataset, "PULocationID")).toMatchObject({ type: "INT", silver: "pickup_location_id" });
    expect(dataset.silver.naturalKey).toHaveLength(7);
  });

  it("lets every row pass where there are no filters", () => {
    const without = taxi.replace(/ {2}filters:\n(?: {4}- .*\n)+/, "");
    expect(without).not.toContain("filters:");
    expect(loadManifest(file("unfiltered.yml", without)).silver.filters).toEqual(["TRUE"]);
  });

  it("freezes it at every depth", () => {
    const dataset = loadManifest(taxiManifest);
    expect(Object.isFrozen(dataset.columns[0]?.aliases)).toBe(true);
    expect(Object.isFrozen(dataset.synthetic?.event_time.hours)).toBe(true);
  });

  it("keeps what is not said at its default", () => {
    const dataset = ordersDataset(file);
    expect(dataset.silver.derived).toEqual([]);
    expect(dataset.synthetic).toBeUndefined();
    expect(columnNamed(dataset, "weight").silver).toBeNull();
    expect(columnNamed(dataset, "amount").parsedType).toEqual({
      ...{ kind: "decimal", sql: "DECIMAL(10,2)", precision: 10, scale: 2 },
    });
  });

  it("reports all problems at once, each with its line", async () => {
    const yaml = taxi
      .replace("retention: 3d", "retentoin: 3d")
      .replace("name: VendorID\n    type: INT", "name: VendorID\n    type: INTEGER")
      .replace("- total_amount > 0", "- total_amount > 0; DROP TABLE x")
      .replace("event_time: tpep_pickup_datetime\n", "event_time: trip_distance\n")
      .replace("message_key: [VendorID,", "message_key: [Vendor,");
    const message = await problems(yaml);
    const line = (text: string) => yaml.split("\n").findIndex((each) => each.includes(text)) + 1;
    expect(message).toContain("has 6 problems");
    expect(message).toContain(`bad.yml:${line("retentoin")}: unknown key retentoin`);
    expect(message).toContain("retention: is missing");
    expect(message).toContain(`bad.yml:${line("INTEGER")}: columns[0].type: must be one of INT, BIGINT`);
    expect(message).toContain(`bad.yml:${line("DROP TABLE")}: silver.filters[0]: has a ';'`);
    expect(message).toContain("event_time: trip_distance is DOUBLE");
    expect(message).toContain("message_key[0]: there is no column Vendor");
  });

  it.each([
    [
      "a type that hides SQL",
      "type: BIGINT, required: false, silver: total",
      "type: 'INT, x INT', silver: total",
    ],
    ["a type that Iceberg does not store", "type: BIGINT", "type: TIMESTAMP(9)"],
    ["a name with a control character", "name: total", 'name: "to\\ttal", silver: total2'],
    ["a name with a dot", "name: total", "name: a.total"],
    ["a field that pipectl's SQL has itself", "name: total", "name: total, source: raw_value"],
    ["a field twice", "name: total", "name: total, source: paid"],
    [
      "no snake_case name for silver",
      "name: total, type: BIGINT, required: false, silver: total",
      "name: To Tal, type: INT",
    ],
    ["a ROW with a name twice", "type: BIGINT", 'type: "ROW<a INT, `a` INT>"'],
    ["a MAP whose keys are no text", "type: BIGINT", 'type: "MAP<INT, INT>"'],
    ["a type that does not end", "type: BIGINT", 'type: "ARRAY<ARRAY<INT>"'],
    ["a key of a nested column", "name: customer, type: STRING", "name: customer, type: ARRAY<STRING>"],
    ["a part of a record's coordinates", "natural_key: [OrderID, placed]", "natural_key: [kafka_offset]"],
    [
      "coordinates and more",
      "natural_key: [OrderID, placed]",
      "natural_key: [kafka_incarnation, kafka_partition, kafka_offset, OrderID]",
    ],
    ["a name that silver's SQL has itself", "silver: total", "silver: kafka_offset"],
    ["an id that silver's SQL has itself", "id: order_key", "id: row_rank"],
    ["another format", "topic: shop.orders", "topic: shop.orders\nformat: avro"],
    ["a name that differs only in case", "name: total", "name: Customer"],
    ["a name that bronze uses itself", "name: total", "name: kafka_offset"],
    ["an alias that is a column", "aliases: [order_id]", "aliases: [customer]"],
    ["a silver name twice", "silver: total", "silver: paid"],
    ["an id that is a silver column", "id: order_key", "id: customer"],
    ["a key without a column", "natural_key: [OrderID, placed]", "natural_key: [Order]"],
    ["another winner", "wins: last", "wins: first"],
    ["a partition that is no day", "type: DATE, expr", "type: INT, expr"],
    ["a topic with a space", "topic: shop.orders", "topic: shop orders"],
    ["no partition", "partitions: 2", "partitions: 0"],
    ["a retention without unit", "retention: 12h", "retention: 12"],
    ["a table without namespace", "bronze: bronze.orders,", "bronze: orders,"],
    ["a key twice", "wins: last", "wins: last\n  wins: last"],
  ])("refuses %s", async (_, right, wrong) => {
    expect(ordersYaml).toContain(right);
    const message = await problems(ordersYaml.replace(right, wrong));
    expect(message).toMatch(/bad\.yml has 1 problem:\n {2}.*bad\.yml:\d+: /);
  });

  it("takes any name, nested types, and records that are events of their own", () => {
    const yaml = ordersYaml
      .replace(
        "name: total, type: BIGINT",
        'name: "Total `net` €", source: total.net, nullable: false, type: BIGINT',
      )
      .replace(
        "name: weight, type: DOUBLE",
        'name: weight, type: "ROW<kg DOUBLE, `2nd` ARRAY< MAP<STRING,DECIMAL(38, 2)> >>"',
      )
      .replace(
        "natural_key: [OrderID, placed]",
        "natural_key: [kafka_incarnation, kafka_partition, kafka_offset]",
      )
      .replace("event_time: placed\n", "")
      .replace("message_key: [customer, OrderID]\n", "");
    const dataset = loadManifest(file("any.yml", yaml));
    expect(dataset).toMatchObject({ eventTime: undefined, messageKey: [] });
    expect(columnNamed(dataset, "Total `net` €")).toMatchObject({ source: "total.net", nullable: false });
    expect(columnNamed(dataset, "weight").type).toBe(
      "ROW<`kg` DOUBLE, `2nd` ARRAY<MAP<STRING, DECIMAL(38, 2)>>>",
    );
  });

  it("reads no YAML bomb, and no file that is larger than a manifest", async () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(", ")}]`,
    );
    expect(await problems(`l0: &l0 [x]\n${levels.join("\n")}\n`)).toMatch(/Excessive alias count/);
    const large = file("large.yml", "#".repeat(9 * 1024 * 1024));
    expect((await problemOf(() => loadManifest(large))).code).toBe("manifest_unreadable");
  });

  it("says that a file is not there, is no YAML or is empty", async () => {
    expect((await problemOf(() => loadManifest("/nowhere.yml"))).code).toBe("manifest_unreadable");
    expect(await problems("name: [unclosed")).toContain("bad.yml:1: ");
    expect(await problems("")).toContain("bad.yml:1: ");
  });

  it.each([
    ["an unknown column", "columns: {nobody: {constant: 1}}", "there is no column nobody"],
    ["an unknown input", "columns: {weight: {sum: [nobody]}}", "there is no column or variable nobody"],
    ["a text for a number", "columns: {weight: {choice: {heavy: 1}}}", "heavy is no DOUBLE"],
    ["a number for a time", "columns: {due: {constant: 1}}", "makes no DATE"],
    ["no generator", "columns: {weight: {normal: 1}}", "must have one of the keys choice"],
    ["a misspelled field", "columns: {weight: {constant: 1, nul: 2}}", 'Unrecognized key: "nul"'],
    ["a cycle", "columns: {weight: {sum: [total]}, total: {sum: [weight]}}", "weight -> total -> weight"],
    ["a choice of nothing", "columns: {weight: {choice: {}}}", "must add up to more than 0"],
  ])("refuses a generator with %s", async (_, columns, expected) => {
    const weights = (count: number) => `[${Array(count).fill(1).join(", ")}]`;
    const yaml = `${ordersYaml}
synthetic:
  event_time: {start: 2024-01-01, days: 7, peak_per_hour: 60, hours: ${weights(24)}, weekdays: ${weights(7)}}
  ${columns}
`;
    expect(await problems(yaml)).toContain(expected);
  });
});
