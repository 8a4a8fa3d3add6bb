import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { qualitySchema } from "../../../../src/dataset/quality.js";
import type { Dataset } from "../../../../src/dataset/types.js";
import { dbtSources } from "../../../../src/pipeline/dbt/sources.js";
import type { Mart } from "../../../../src/pipeline/marts/mart.js";
import { ordersDataset, temporaryFolder } from "../../dataset/fixtures.js";

const file = temporaryFolder();
const mart = {
  description: "By day",
  table: { namespace: "gold", table: "orders_by_day", qualified: "gold.orders_by_day" },
} as Mart;
const orders = (rules: readonly unknown[] = []): Dataset => ({
  ...ordersDataset(file),
  quality: qualitySchema.parse(rules),
});
const tablesOf = (dataset: Dataset) =>
  parse(dbtSources(dataset, []))
    .sources.find(({ name }: { name: string }) => name === "silver")
    .tables.at(0);
const columnOf = (dataset: Dataset, name: string) =>
  tablesOf(dataset).columns.find((column: { name: string }) => column.name === name);

describe("sources for dbt", () => {
  it("are as they were (`vitest run --project unit -u` after a change on purpose)", async () => {
    const dataset = orders([
      { rule: "not_null", column: "order_id" },
      { rule: "unique", columns: ["order_key"], on_fail: "warn", where: "paid" },
      { rule: "unique", columns: ["order_id", "placed_at"] },
      { rule: "range", column: "amount", min: 0, on_fail: "quarantine" },
      { rule: "accepted_values", column: "customer", values: ["a", "it's"], on_fail: "quarantine" },
      { rule: "accepted_values", column: "total", values: [1, 2], name: "few" },
      { rule: "accepted_values", column: "due", values: ["2026-01-31"] },
      { rule: "freshness", column: "placed_at", within: "90s" },
      { rule: "freshness", column: "due", within: "1d", on_fail: "warn" },
    ]);
    await expect(dbtSources(dataset, [mart])).toMatchFileSnapshot("golden/orders.yml");
  });

  it("have no tests and no meta without rules", () => {
    const table = tablesOf(orders());
    expect(Object.keys(table)).toEqual(["name", "description", "columns"]);
    expect(table.columns.every((column: object) => !("data_tests" in column))).toBe(true);
  });

  it.each([
    ["1d", "fail", { error_after: { count: 1, period: "day" } }],
    ["30m", "warn", { warn_after: { count: 30, period: "minute" } }],
    ["61s", "fail", { error_after: { count: 2, period: "minute" } }],
  ])("have a freshness of %s (%s)", (within, on_fail, freshness) => {
    const rule = { rule: "freshness", column: "due", within, on_fail };
    expect(tablesOf(orders([rule]))).toMatchObject({
      ...{ loaded_at_field: "CAST(due AS TIMESTAMP)", freshness },
    });
  });

  it.each([
    "a: b # c\n- d\n'\"`\\",
    "*alias &anchor !tag | > % @",
    "null",
    "日本語 \u0000\u2028",
    "--- \n...",
  ])("keep %j as it is, in names, descriptions and values", (hostile) => {
    const dataset = orders([{ rule: "accepted_values", column: "customer", values: [hostile] }]);
    const columns = dataset.columns.map((column) =>
      column.name === "customer" ? { ...column, description: hostile } : column,
    );
    const strange = { ...dataset, columns: [...columns, { ...columns[2], name: hostile }] } as Dataset;
    const { sources } = parse(dbtSources(strange, [{ ...mart, description: hostile }]));
    expect(sources[0].tables[0].columns.map(({ name }: { name: string }) => name)).toContain(hostile);
    expect(sources[2].tables[0].description).toBe(hostile);
    const column = columnOf(strange, "customer");
    expect(column.description).toBe(hostile);
    expect(column.data_tests[0].accepted_values.arguments.values).toEqual([hostile.replaceAll("'", "''")]);
  });

  it("let nothing be taken for a template", () => {
    const dataset = {
      ...orders(),
      columns: orders().columns.map((one) => ({ ...one, description: "{{ env_var('X') }} {% x %} {# y #}" })),
    };
    expect(columnOf(dataset, "customer").description).toBe(
      "{{ '{{' }} env_var('X') }} {{ '{%' }} x %} {{ '{#' }} y #}",
    );
  });
});
