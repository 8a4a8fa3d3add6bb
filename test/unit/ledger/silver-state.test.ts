import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import type { StreamMark } from "../../../src/lake/stream-mark.js";
import { requireFollowing, rulesOf, silverProperty, trustedState } from "../../../src/ledger/silver-state.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { taxi } from "../../helpers/workspace.js";

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

  it("is gone when silver was set back behind what its stream has appended", () => {
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
