import { describe, expect, it } from "vitest";
import { inOrder, martsReadBy, type NamedMart, orderProblem } from "../../../../src/pipeline/marts/order.js";

const mart = (name: string, bare = "SELECT 1"): NamedMart => ({
  name,
  bare,
  table: { namespace: "gold", table: `taxi_${name}`, qualified: `gold.taxi_${name}` },
});

describe("the order of marts", () => {
  it("is that in which they read each other, else by name", () => {
    const marts = [
      mart("a", "SELECT 1 FROM gold.taxi_c, gold . taxi_b"),
      mart("b"),
      mart("c", "SELECT 1 FROM lake.gold.taxi_b AS x"),
      mart("d"),
    ];
    expect(inOrder(marts).map(({ name }) => name)).toEqual(["b", "c", "a", "d"]);
    expect(orderProblem(marts)).toBeUndefined();
  });

  it.each(["gold.taxi_bb", "x.gold.taxi_b", "my_gold.taxi_b", "silver.taxi_b"])(
    "takes %s for another table",
    (table) => {
      expect(martsReadBy(mart("a", `SELECT 1 FROM ${table}`), [mart("b")])).toEqual([]);
    },
  );

  it("is refused where there is a circle, itself included", () => {
    const circle = [
      mart("a", "FROM gold.taxi_b"),
      mart("b", "FROM gold.taxi_c"),
      mart("c", "FROM gold.taxi_b"),
    ];
    expect(orderProblem(circle)).toBe("marts read each other in a circle: b reads c reads b");
    expect(orderProblem([mart("a", "FROM gold.taxi_a")])).toContain("a reads a");
  });
});
