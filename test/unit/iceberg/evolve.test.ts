import { describe, expect, it } from "vitest";
import { evolve } from "../../../src/iceberg/evolve.js";
import type { IcebergField, TableField } from "../../../src/iceberg/types.js";

const field = (name: string, type: IcebergField["type"], more: Partial<IcebergField> = {}): IcebergField => ({
  ...{ name, type, required: false, ...more },
});
const made = (fields: readonly IcebergField[]): TableField[] => {
  let id = 0;
  return [...evolve([], fields, () => ++id).fields];
};
const from = (before: readonly IcebergField[], after: readonly IcebergField[]) => {
  let id = 100;
  return evolve(made(before), after, () => ++id);
};

describe("evolve", () => {
  it("changes nothing where there is nothing to change, and keeps every id", () => {
    const fields = [field("a", "int"), field("b", { type: "list", element: "string" })];
    expect(from(fields, fields)).toEqual({ fields: made(fields), changes: [], refusals: [] });
  });

  it("adds columns where the manifest has them, with ids that nobody has had", () => {
    const { fields, changes } = from(
      [field("a", "int"), field("z", "int")],
      [
        field("a", "int"),
        field("m", { type: "map", key: "string", value: "date" }, { doc: "new" }),
        field("z", "int"),
      ],
    );
    expect(fields.map(({ id, name }) => [id, name])).toEqual([
      [1, "a"],
      [101, "m"],
      [2, "z"],
    ]);
    expect(fields[1]).toMatchObject({ doc: "new", type: { "key-id": 102, "value-id": 103 } });
    expect(changes).toEqual([{ column: "m", change: "added", from: null, to: "map<string, date>" }]);
  });

  it.each([
    ["int", "long"],
    ["float", "double"],
    ["decimal(9, 2)", "decimal(38, 2)"],
  ])("widens %s to %s, at any depth", (narrow, wide) => {
    const nested = (type: string) =>
      field("n", {
        type: "list",
        element: { type: "struct", fields: [field("x", { type: "map", key: "string", value: type })] },
      });
    const { fields, changes, refusals } = from(
      [field("a", narrow), nested(narrow)],
      [field("a", wide), nested(wide)],
    );
    expect(refusals).toEqual([]);
    expect(changes).toEqual([
      { column: "a", change: "widened", from: narrow, to: wide },
      { column: "n[].x{}", change: "widened", from: narrow, to: wide },
    ]);
    // The ids by which files know the values stay.
    const ids = (value: unknown) =>
      JSON.stringify(value)
        .match(/"[a-z-]*id":\d+/g)
        ?.sort();
    expect(ids(fields)).toEqual(ids(made([field("a", narrow), nested(narrow)])));
  });

  it.each([
    ["long", "int"],
    ["double", "float"],
    ["decimal(9, 2)", "decimal(9, 3)"],
    ["decimal(9, 2)", "decimal(8, 2)"],
    ["int", "double"],
    ["int", "string"],
    ["date", "timestamp"],
    ["timestamp", "timestamptz"],
  ])("refuses %s as %s", (before, after) => {
    const { changes, refusals } = from([field("a", before)], [field("a", after)]);
    expect(changes).toEqual([]);
    expect(refusals).toEqual([
      {
        column: "a",
        why: expect.stringContaining("cannot become"),
        instead: expect.stringContaining("add a column"),
      },
    ]);
  });

  it("refuses another kind of nesting, a dropped column, a dropped part, and a renamed one", () => {
    const refused = (before: IcebergField, after: IcebergField) =>
      from([field("a", "int"), before], [field("a", "int"), after]).refusals.map(({ column }) => column);
    const struct = (...fields: IcebergField[]) => field("s", { type: "struct", fields });
    expect(refused(struct(field("x", "int")), field("s", { type: "list", element: "int" }))).toEqual(["s"]);
    expect(refused(struct(field("x", "int"), field("y", "int")), struct(field("x", "int")))).toEqual(["s.y"]);
    expect(refused(field("b", "int"), field("c", "int"))).toEqual(["b"]);
    // Iceberg tells names apart by case.
    expect(refused(field("b", "int"), field("B", "int"))).toEqual(["b"]);
  });

  it("makes a column nullable, and none required", () => {
    const strict = field("a", "int", { required: true });
    const free = field("a", "int");
    expect(from([strict], [free]).changes).toEqual([
      { column: "a", change: "made nullable", from: null, to: null },
    ]);
    expect(from([free], [strict]).refusals).toMatchObject([{ column: "a" }]);
    expect(from([], [strict]).refusals).toMatchObject([{ column: "a", instead: "make it nullable" }]);
  });

  it("takes over another description and another order", () => {
    const { fields, changes } = from(
      [field("a", "int", { doc: "old" }), field("b", "int")],
      [field("b", "int"), field("a", "int", { doc: "new" })],
    );
    expect(fields.map(({ id }) => id)).toEqual([2, 1]);
    expect(changes).toEqual([
      { column: "b", change: "moved", from: null, to: null },
      { column: "a", change: "described", from: "old", to: "new" },
    ]);
  });
});
