import { describe, expect, it } from "vitest";
import {
  deadLetterFilter,
  fieldSql,
  filterSql,
  isAmong,
  reasonSql,
} from "../../../../src/pipeline/dead-letters/reasons.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi } from "../../../helpers/workspace.js";

describe("which dead letters are meant", () => {
  it.each([
    [undefined, undefined, { reason: null, field: null, partition: null }],
    ["tombstone", 0, { reason: "tombstone", field: null, partition: 0 }],
    ["field", undefined, { reason: "field", field: null, partition: null }],
    ["field:VendorID", 2, { reason: "field", field: "VendorID", partition: 2 }],
  ])("--reason %s --partition %s", (reason, partition, filter) => {
    expect(deadLetterFilter(taxi, reason, partition)).toEqual(filter);
  });

  it.each(["", "nonsense", "field:nope", "field:", "tombstone:VendorID", "' OR TRUE --", "other"])(
    "refuses the reason '%s', with those that there are",
    async (reason) => {
      const error = await problemOf(() => deadLetterFilter(taxi, reason, undefined));
      expect(error).toMatchObject({ kind: "usage", code: "option_invalid" });
      expect(error.message).toContain("no_known_field");
    },
  );

  it("is the same for rows in SQL and for groups that were counted", () => {
    const filter = deadLetterFilter(taxi, "field:VendorID", 2);
    expect(filterSql(filter)).toBe(
      "SPLIT_INDEX(COALESCE(`error`, ''), ':', 0) = 'field' AND " +
        "(SUBSTRING(COALESCE(`error`, ''), 1, 15) = 'field: VendorID' AND SUBSTRING(COALESCE(`error`, ''), 16, 1) " +
        "IN (':', '.', '[')) AND kafka_partition = 2",
    );
    const group = { reason: "field", field: "VendorID", partition: 2 };
    expect(isAmong(filter, group)).toBe(true);
    for (const other of [{ reason: "empty" }, { field: "extra" }, { field: null }, { partition: 1 }])
      expect(isAmong(filter, { ...group, ...other })).toBe(false);
    const all = deadLetterFilter(taxi, undefined, undefined);
    expect([filterSql(all), isAmong(all, group)]).toEqual(["TRUE", true]);
  });

  it("groups by a small number of names only, whatever records hold", () => {
    expect(reasonSql).toContain("ELSE 'other' END");
    expect(fieldSql(taxi).match(/ THEN '[^']*'/g)).toHaveLength(taxi.columns.length);
  });

  it("knows a field by the name that records have, the longest first", () => {
    const [column] = taxi.columns;
    const named = (name: string, source: string) => ({
      ...(column as NonNullable<typeof column>),
      name,
      source,
    });
    const dataset = { ...taxi, columns: [named("a", "a"), named("trip", "a.b 😀"), named("c", "c")] };
    expect(fieldSql(dataset)).toMatch(
      /1, 12\) = 'field: a\.b 😀'.* THEN 'a\.b 😀'.* THEN 'a' .* THEN 'c' END$/,
    );
    expect(deadLetterFilter(dataset, "field:a.b 😀", undefined).field).toBe("a.b 😀");
    expect(() => deadLetterFilter(dataset, "field:trip", undefined)).toThrow("must be one of");
  });

  it("a filter from a table's property cannot leave its quotes", () => {
    const hostile = { reason: "x' OR 'a' = 'a", field: "y'", partition: null };
    expect(filterSql(hostile)).toContain("= 'x'' OR ''a'' = ''a'");
    expect(filterSql(hostile)).toContain("= 'field: y'''");
  });
});
