import { describe, expect, it } from "vitest";
import {
  appendedBetween,
  asOf,
  followFrom,
  type ReadOptions,
  readFrom,
} from "../../../src/lake/read-options.js";

const from = (options: ReadOptions) => readFrom({ namespace: "bronze", table: "raw_trips" }, options);

describe("a table in a FROM clause", () => {
  it.each([
    ["as it is", () => ({}), "lake.`bronze`.`raw_trips`"],
    ["as of a snapshot", () => asOf("7"), "lake.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '7') */"],
    [
      "what came between two snapshots",
      () => appendedBetween("3", "7"),
      "lake.`bronze`.`raw_trips` /*+ OPTIONS('start-snapshot-id' = '3', 'end-snapshot-id' = '7') */",
    ],
    [
      "all up to a snapshot, where there was none before",
      () => appendedBetween(null, "7"),
      "lake.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '7') */",
    ],
  ])("%s", (_what, options: () => ReadOptions, text) => {
    expect(from(options())).toBe(text);
  });
});

describe("followFrom", () => {
  const growing = { streaming: "true", "monitor-interval": "10 s" };

  it("begins after a snapshot", () => {
    expect(followFrom("3", "10 s")).toEqual({
      ...growing,
      "starting-strategy": "INCREMENTAL_FROM_SNAPSHOT_ID",
      "start-snapshot-id": "3",
    });
  });

  it("begins at the very first append where there is none", () => {
    expect(followFrom(null, "10 s")).toEqual({
      ...growing,
      "starting-strategy": "INCREMENTAL_FROM_EARLIEST_SNAPSHOT",
    });
  });
});
