import { describe, expect, it } from "vitest";
import {
  columnNames,
  fieldProblem,
  Names,
  silverNames,
  snakeCase,
} from "../../../../src/dataset/infer/names.js";

describe("columnNames", () => {
  it("keeps what a table can have", () => {
    const names = ["id", "Order ID", "it's", "a`b", '"q"', "select", "größe", "数量", "2019", " x"];
    expect(columnNames(names)).toEqual(names);
  });

  it("makes names for the others, all different whatever their case", () => {
    const sources = [
      "a.b",
      "A_B",
      "a..b",
      ".",
      "Kafka_Offset",
      "kafka_incarnation",
      "x",
      "X",
      ".".repeat(255),
    ];
    expect(columnNames(sources)).toEqual([
      "a_b_2",
      "A_B",
      "a__b",
      "_",
      "Kafka_Offset_2",
      "kafka_incarnation_2",
      "x",
      "X_2",
      "_".repeat(100),
    ]);
  });
});

describe("fieldProblem", () => {
  it.each(["", "a\nb", "\u0085", "x".repeat(256), "kafka_offset", "raw_value"])(
    "%j gets no column",
    (name) => {
      expect(fieldProblem(name)).toBeDefined();
    },
  );

  it.each(["a.b", "kafka_incarnation", "Kafka_Offset", "x".repeat(255), "😀", " "])("%j gets one", (name) => {
    expect(fieldProblem(name)).toBeUndefined();
  });
});

describe("snakeCase", () => {
  it.each([
    ["id", "id"],
    ["Order ID", "order_id"],
    ["orderId", "order_id"],
    ["PULocationID", "pu_location_id"],
    ["HTTPServer2Name", "http_server2_name"],
    ["tpep_pickup_datetime", "tpep_pickup_datetime"],
    ["Größe (m²)", "grosse_m2"],
    ["Ærø", "aero"],
    ["naïve–café", "naive_cafe"],
    ["2019 sales", "col_2019_sales"],
    ["2019", "col_2019"],
    ["数量", "col_7"],
    ["数量2", "col_7"],
    ["цена", "col_7"],
    ["__x__", "x"],
    ["`; DROP TABLE x; --", "drop_table_x"],
    ["", "col_7"],
    ["!!!", "col_7"],
    ["a".repeat(300), "a".repeat(100)],
  ])("%s is %s", (source, expected) => {
    expect(snakeCase(source, 7)).toBe(expected);
    expect(expected).toMatch(/^[a-z][a-z0-9_]{0,126}$/);
  });

  it("numbers equal names", () => {
    expect(silverNames(["OrderID", "order_id", "order id", "order_id_2"], new Names())).toEqual([
      "order_id",
      "order_id_2",
      "order_id_3",
      "order_id_2_2",
    ]);
  });
});
