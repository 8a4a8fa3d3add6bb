import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/dataset/types.js";
import type { Snapshot, TableChange } from "../../../src/iceberg/catalog.js";
import type { StreamMark } from "../../../src/lake/stream-mark.js";
import {
  recordSilver,
  requireFollowing,
  rulesFor,
  rulesOf,
  silverProperty,
  trustedState,
} from "../../../src/ledger/silver-state.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { taxi, workspaceOf } from "../../helpers/workspace.js";

const stream: StreamMark = { run: "s", jobs: ["j1"], topology: "t" };
const recorded = { version: 1, bronzeSnapshot: "b1", silverSnapshot: "1", rules: rulesOf(taxi) };
const appended = (job?: string): Snapshot =>
  snapshot("2", "1", { summary: job === undefined ? {} : { "flink.job-id": job } });
const look = (snapshots: Snapshot[], state: object = {}, refs?: Record<string, string>) =>
  trustedState(
    icebergTable([snapshot("1", null), ...snapshots], {
      properties: { [silverProperty]: JSON.stringify({ ...recorded, ...state }) },
      ...(refs === undefined ? {} : { refs }),
    }),
    taxi,
  );

describe("trustedState", () => {
  it("holds while silver is as it was left, or only its stream has appended to it", () => {
    expect(look([])).toEqual(recorded);
    expect(look([appended("j1")], { stream })).toEqual({ ...recorded, stream });
    expect(look([snapshot("2", "1", { operation: "replace" })])).toEqual(recorded);
  });

  it.each([
    ["another program has appended", [appended()], { stream }],
    ["another stream has appended", [appended("j2")], { stream }],
    ["a stream has appended that is not on record", [appended("j1")], {}],
    ["rows were overwritten", [snapshot("2", "1", { operation: "overwrite" })], { stream }],
    ["the dataset has other rules", [], { rules: "other" }],
  ])("is gone when %s", (_what, snapshots, state) => {
    expect(look(snapshots, state)).toBeUndefined();
  });

  it("is gone when silver was rolled back behind rows that its stream has appended", () => {
    expect(look([appended("j1")], { stream }, { main: "1" })).toBeUndefined();
  });
});

describe("requireFollowing", () => {
  it("refuses a dataset in which a correction wins, and says what there is instead", () => {
    expect(() => requireFollowing(taxi)).not.toThrow();
    expect(() => requireFollowing({ ...taxi, silver: { ...taxi.silver, wins: "last" } })).toThrow(
      expect.objectContaining({
        code: "silver_rule",
        hint: expect.stringContaining("pipectl process-silver"),
      }),
    );
  });
});

describe("trustedState of a table without a state", () => {
  it("is none", () => {
    expect(trustedState(icebergTable([snapshot("1", null)]), taxi)).toBeUndefined();
  });
});

describe("the rules of a dataset", () => {
  const other = (silver: Partial<Dataset["silver"]>): Dataset => ({
    ...taxi,
    silver: { ...taxi.silver, ...silver },
  });
  const [first, ...rest] = taxi.columns;
  const withFirst = (change: object): Dataset => ({
    ...taxi,
    columns: [{ ...(first as NonNullable<typeof first>), ...change }, ...rest],
  });

  it.each([
    ["another filter", other({ filters: [...taxi.silver.filters, "TRUE"] })],
    ["another row of a key that stays", other({ wins: "last" })],
    ["another key", other({ naturalKey: taxi.silver.naturalKey.slice(1) })],
    ["another type", withFirst({ type: "BIGINT" })],
    ["another name", withFirst({ silver: "vendor" })],
    ["no such column", { ...taxi, columns: rest }],
    ["another expression", other({ partitionBy: { ...taxi.silver.partitionBy, expr: "CURRENT_DATE" } })],
  ])("are others with %s", (_what, dataset) => {
    expect(rulesOf(dataset)).not.toBe(rulesOf(taxi));
  });

  it("are the same with another description, or another column that silver does not have", () => {
    expect(rulesOf(withFirst({ description: "in other words" }))).toBe(rulesOf(taxi));
    const hidden = { ...(first as NonNullable<typeof first>), name: "hidden", silver: null };
    expect(rulesOf({ ...taxi, columns: [...taxi.columns, hidden] })).toBe(rulesOf(taxi));
  });

  it("are kept in words, with their digest", () => {
    const { rules, made } = rulesFor(taxi);
    expect(rules).toMatch(/^[0-9a-f]{32}$/);
    const { filters, wins, naturalKey } = taxi.silver;
    expect(made).toMatchObject({ filters, wins, naturalKey });
    expect(made.columns).toContainEqual(["vendor_id", "INT", "`VendorID`"]);
    expect(made.columns).toHaveLength(taxi.columns.length + 2 + taxi.silver.derived.length);
  });
});

describe("recordSilver", () => {
  it.each([
    ["where silver is", [snapshot("1", null)], "1"],
    ["of a silver without a row", [], null],
  ])("records a state %s, if it is still there", async (_what, snapshots, main) => {
    const commits: TableChange[] = [];
    const workspace = workspaceOf({ catalog: { commit: async (change) => void commits.push(change) } });
    const silver = icebergTable(snapshots);
    await recordSilver(workspace, silver, { ...recorded, version: 1, silverSnapshot: main });
    const [{ setProperties, ...change } = { setProperties: undefined }] = commits;
    expect(change).toEqual({ id: silver.id, assertRefs: { main } });
    expect(setProperties).toMatchObject({ "flink.max-continuous-empty-commits": "1000000" });
    expect(JSON.parse(setProperties?.[silverProperty] ?? "")).toEqual({ ...recorded, silverSnapshot: main });
  });
});
