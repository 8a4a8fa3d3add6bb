import { describe, expect, it } from "vitest";
import { noHashes } from "../../../src/lake/hash-sum.js";
import type { Found } from "../../../src/ledger/count-rows.js";
import { plausible } from "../../../src/ledger/plausible.js";
import { accountOf, landedPartition, topicOf } from "../../helpers/tables.js";

const topic = topicOf([{ partition: 0, first: 0, end: 12 }]);
/** Ten rows, from offset 0 to 9. */
const rows: Found = {
  ...{ incarnation: 0, partition: 0, bronze: 10, dlq: 0, offsets: 10, removed: 0, min: 0, max: 9, extra: 0 },
  hashes: noHashes,
};
const lineOf = (line: Partial<ReturnType<typeof landedPartition>>, found: readonly Found[] = [rows]) => {
  const account = accountOf({ partitions: [{ ...landedPartition(0, 10), ...line }] });
  return plausible(account, found, topic).partitions?.[0];
};

describe("what a recount takes over of an account", () => {
  it("is all of a line that adds up, also where rows are missing", () => {
    const line = landedPartition(0, 12, { lost: 1, withoutRecord: 1 });
    expect(lineOf(line)).toEqual(line);
    expect(lineOf(line, [])).toEqual(line);
  });

  it("is only where it begins, of one that does not", () => {
    const zero = { withoutRecord: 0, skipped: 0, lost: 0 };
    expect(lineOf({ lost: 3 })).toMatchObject({ first: 0, next: 10, ...zero });
    expect(lineOf({ first: 7 })).toMatchObject({ first: 0, next: 10, ...zero });
    expect(lineOf({ next: 4_000 })).toMatchObject({ first: 0, next: 12, ...zero });
  });

  it("is only where it begins, of one that explains more offsets than are missing", () => {
    const line = { bronze: 7, lost: 3 };
    expect(lineOf(line)).toMatchObject({ first: 0, next: 10, lost: 0 });
  });

  it("is the topic of a damaged one", () => {
    const known = { topicId: "a", incarnation: 2 };
    expect(plausible(known, [rows], topic)).toBe(known);
  });
});
