import { describe, expect, it } from "vitest";
import { newLayout } from "../../../src/iceberg/layout.js";
import { silverColumns } from "../../../src/lake/silver-columns.js";
import { partitionsAtOnce, unitOf } from "../../../src/lake/silver-units.js";
import { withPartitions } from "../../helpers/fakes/catalog.js";
import { taxi } from "../../helpers/workspace.js";

const fields = [
  { id: 1, name: "day", type: "date", required: false },
  { id: 2, name: "id", type: "string", required: false },
];
const schema = { id: 0, fields, lastColumnId: 2 };
const by = (first: string, ...then: string[][]) =>
  then.reduce((table, spec) => ({ schema, layout: withPartitions(table, spec) }), {
    schema,
    layout: newLayout([first], fields),
  });

describe("the unit of silver's files", () => {
  it("is the coarsest that any spec of the table has", () => {
    expect(unitOf(by("day"), "day")).toBe("day");
    expect(unitOf(by("month(day)"), "day")).toBe("month");
    expect(unitOf(by("month(day)", ["day"]), "day")).toBe("month");
    expect(unitOf(by("day", ["day", "bucket[4](id)"]), "day")).toBe("day");
  });

  it("is none where files may have rows of any date, unless all are known to be of the present spec", () => {
    const table = by("day", ["bucket[4](id)"], ["day"]);
    expect(unitOf(table, "day")).toBeUndefined();
    expect(unitOf(table, "day", 0)).toBe("day");
    // Known of another spec: that says nothing.
    expect(unitOf(by("day", ["month(day)"]), "day", 0)).toBe("month");
  });
});

describe("partitions that a job can write at once", () => {
  it("are fewer in a wide table, and more with a larger heap, and never none", () => {
    const narrow = Array.from({ length: 7 }, (_, i) => ({
      name: `c${i}`,
      type: "STRING",
      expr: "",
      doc: "",
    }));
    expect(partitionsAtOnce(narrow, 1024)).toBe(413);
    expect(partitionsAtOnce(silverColumns(taxi), 1024)).toBeLessThan(400);
    expect(partitionsAtOnce(narrow, 2048)).toBeGreaterThan(2 * 413 - 1);
    const wide = [
      {
        name: "r",
        type: `ROW<${Array.from({ length: 2000 }, (_, i) => `a${i} INT`).join(", ")}>`,
        expr: "",
        doc: "",
      },
    ];
    expect(partitionsAtOnce(wide, 1024)).toBe(12);
    expect(partitionsAtOnce(wide, 1)).toBe(1);
  });
});
