import { describe, expect, it } from "vitest";
import { joinedHashes, joinedSums } from "../../../src/lake/hash-sum.js";

describe("sums of hashes", () => {
  it("wrap around as Flink's SUM of a BIGINT does", () => {
    const largest = { rows: 2, sum: "9223372036854775807" };
    expect(joinedSums(largest, { rows: 1, sum: "1" })).toEqual({ rows: 3, sum: "-9223372036854775808" });
    expect(joinedSums({ rows: 1, sum: "-9223372036854775808" }, { rows: 1, sum: "-1" }).sum).toBe(
      "9223372036854775807",
    );
  });

  it("do not depend on the order, and keep what was accepted", () => {
    const [one, other] = [
      { rows: 1, sum: "5", changed: 1 },
      { rows: 2, sum: "-7" },
    ];
    expect(joinedSums(one, other)).toEqual({ rows: 3, sum: "-2", changed: 1 });
    expect(joinedSums(other, one)).toEqual(joinedSums(one, other));
  });

  it("are none where no row has one", () => {
    expect(joinedHashes(undefined, undefined)).toEqual({
      bronze: { rows: 0, sum: "0" },
      dlq: { rows: 0, sum: "0" },
    });
  });
});
