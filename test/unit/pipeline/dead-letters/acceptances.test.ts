import { describe, expect, it } from "vitest";
import {
  type Acceptance,
  acceptanceSql,
  acceptedOf,
  withAcceptance,
} from "../../../../src/pipeline/dead-letters/acceptances.js";
import type { DeadLetterFilter } from "../../../../src/pipeline/dead-letters/reasons.js";
import { deadLetterGroup } from "../../../helpers/dead-letters.js";
import { problemOf } from "../../../helpers/problem.js";

const every: DeadLetterFilter = { reason: null, field: null, partition: null };
const said = { at: "2026-01-31T12:00:00.000Z", note: "known" };
const of = (more: Partial<Acceptance>): Acceptance => ({ ...every, ...said, ranges: [], ...more });
const range = (partition: number, below: number, count: number, incarnation = 0) => ({
  ...{ incarnation, partition, below, count },
});

describe("accepting", () => {
  it("names those of the filter that are there: up to an offset of each partition, and how many", () => {
    const groups = [
      deadLetterGroup({ reason: "empty", count: 3, newest: { offset: 41, error: "" } }),
      deadLetterGroup({ reason: "field", field: "extra", count: 2, newest: { offset: 50, error: "" } }),
      deadLetterGroup({ reason: "field", field: "tips", count: 4, newest: { offset: 20, error: "" } }),
      deadLetterGroup({
        reason: "field",
        partition: 1,
        incarnation: 1,
        count: 1,
        newest: { offset: 0, error: "" },
      }),
    ];
    const filter = { ...every, reason: "field" };
    expect(withAcceptance([], groups, filter, said)).toEqual({
      added: 7,
      acceptances: [{ ...said, ...filter, ranges: [range(0, 51, 6), range(1, 1, 1, 1)] }],
    });
  });

  it("leaves to earlier ones what they have, and their notes", () => {
    const earlier = [of({ note: "first", ranges: [range(0, 10, 5)] })];
    const groups = [deadLetterGroup({ acceptance: 0, count: 5 }), deadLetterGroup({ count: 2 })];
    const { acceptances, added } = withAcceptance(earlier, groups, every, said);
    expect(added).toBe(2);
    expect(acceptances).toMatchObject([{ note: "first", ranges: [{ count: 5 }] }, { note: "known" }]);
  });

  it("adds nothing where nothing is open", () => {
    const earlier = [of({ ranges: [range(0, 10, 5)] })];
    const result = withAcceptance(earlier, [deadLetterGroup({ acceptance: 0, count: 5 })], every, said);
    expect(result).toEqual({ acceptances: earlier, added: 0 });
  });

  it("takes those that came into an earlier range unseen, as far as the filter has them", () => {
    const earlier = [of({ ranges: [range(0, 10, 5)] })];
    const groups = [
      deadLetterGroup({ acceptance: 0, reason: "empty", count: 6 }),
      deadLetterGroup({ acceptance: 0, reason: "field", count: 2 }),
    ];
    expect(withAcceptance(earlier, groups, { ...every, reason: "field" }, said).added).toBe(2);
    expect(withAcceptance(earlier, groups, every, said)).toMatchObject({
      ...{ added: 3, acceptances: [{ ranges: [{ count: 8 }] }] },
    });
  });

  it("has an end", async () => {
    const many = Array.from({ length: 100 }, () => of({ ranges: [range(0, 1, 1)] }));
    const error = await problemOf(() => withAcceptance(many, [deadLetterGroup({ count: 1 })], every, said));
    expect(error).toMatchObject({ code: "acceptances_full", hint: expect.stringContaining("--revoke") });
  });
});

describe("what is accepted of what is there", () => {
  const acceptances = [of({ ranges: [range(0, 10, 5), range(1, 10, 2)] }), of({ ranges: [range(0, 99, 3)] })];

  it("is all of it, as long as it is there", () => {
    const groups = [
      deadLetterGroup({ acceptance: 0, count: 5 }),
      deadLetterGroup({ acceptance: 0, partition: 1, count: 2 }),
      deadLetterGroup({ acceptance: 1, count: 3 }),
      deadLetterGroup({ acceptance: null, count: 7 }),
    ];
    expect(acceptedOf(acceptances, groups)).toEqual([7, 3]);
  });

  it("is less where some are gone, and all again when they are back", () => {
    expect(acceptedOf(acceptances, [deadLetterGroup({ acceptance: 0, count: 1 })])).toEqual([1, 0]);
    expect(acceptedOf(acceptances, [])).toEqual([0, 0]);
  });

  it("is no more than was seen", () => {
    expect(acceptedOf(acceptances, [deadLetterGroup({ acceptance: 0, count: 9 })])).toEqual([5, 0]);
  });

  it("is nothing of another incarnation: a topic that was made again has the same offsets", () => {
    expect(acceptedOf(acceptances, [deadLetterGroup({ acceptance: 0, incarnation: 1, count: 5 })])).toEqual([
      0, 0,
    ]);
  });
});

describe("the SQL that tells them apart", () => {
  it("gives a row to the first acceptance that names it", () => {
    const acceptances = [
      of({ reason: "empty", ranges: [range(0, 10, 5), range(1, 7, 2, 3)] }),
      of({ partition: 1, ranges: [range(1, 8, 1)] }),
    ];
    expect(acceptanceSql(acceptances)).toBe(
      "CASE WHEN SPLIT_INDEX(COALESCE(`error`, ''), ':', 0) = 'empty' AND " +
        "(kafka_incarnation = 0 AND kafka_partition = 0 AND kafka_offset < 10 OR " +
        "kafka_incarnation = 3 AND kafka_partition = 1 AND kafka_offset < 7) THEN 0 " +
        "WHEN kafka_partition = 1 AND (kafka_incarnation = 0 AND kafka_partition = 1 AND kafka_offset < 8) THEN 1 ELSE -1 END",
    );
    expect(acceptanceSql([])).toBe("-1");
    expect(acceptanceSql([of({})])).toBe("CASE WHEN TRUE AND (FALSE) THEN 0 ELSE -1 END");
  });
});
