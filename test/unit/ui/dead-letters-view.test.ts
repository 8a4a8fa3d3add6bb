import { describe, expect, it } from "vitest";
import type { DlqSummary } from "../../../src/pipeline/dead-letters/summary.js";
import { acceptedView, acceptPlanView, deadLettersView, dlqView } from "../../../src/ui/dead-letters-view.js";

const summary: DlqSummary = {
  ...{ table: "bronze.raw_trips_dlq", exists: true, total: 1_203, accepted: 3, open: 1_200, max: 5 },
  reasons: [
    {
      ...{ reason: "field", field: "extra", count: 1_203 },
      ...{ first: "2026-01-31T12:00:00.000Z", last: "2026-01-31T13:00:00.000Z" },
      example: {
        incarnation: 0,
        partition: 1,
        offset: 2,
        error: 'field: extra: text "\u001b[2J" is no DOUBLE',
      },
    },
  ],
  partitions: [
    { incarnation: 0, partition: 1, count: 1_200 },
    { incarnation: 1, partition: 0, count: 3 },
  ],
  acceptances: [
    { at: "2026-01-31T14:00:00.000Z", note: "old", reason: "field", field: "extra", partition: 1, count: 3 },
  ],
};

describe("dlq", () => {
  it("shows reasons, partitions and what was accepted, and no control character of the data", () => {
    expect(dlqView(summary)).toMatchInlineSnapshot(`
      "bronze.raw_trips_dlq: 1,203 dead letters, 3 accepted, 1,200 open; DLQ_MAX=5

      REASON       COUNT  FIRST (UTC)          LAST (UTC)           FOR EXAMPLE
      field:extra  1,203  2026-01-31 12:00:00  2026-01-31 13:00:00  field: extra: text "\\u001b[2J" is no DOUBLE

      INCARNATION/PARTITION  COUNT
                        0/1  1,200
                        1/0      3

      accepted 2026-01-31 14:00:00 UTC, field:extra, partition 1: 3: old

      to look at them: pipectl dlq show 10"
    `);
  });

  it("is a line where there are none", () => {
    expect(dlqView({ ...summary, total: 0 })).toBe("bronze.raw_trips_dlq: no dead letters");
  });
});

describe("dlq show", () => {
  const at = {
    incarnation: 0,
    partition: 1,
    offset: 2,
    timestamp: "2026-01-31T12:00:00.123Z",
    error: "e\u0007",
  };

  it("shows values as text that only text is", () => {
    const deadLetters = [
      { ...at, key: "k\u001b[31m", value: "two\nlines \u202e" },
      { ...at, incarnation: 1, key: null, value: "" },
      { ...at, key: "wyg=", keyEncoding: "base64" as const, value: null },
    ];
    expect(deadLettersView({ letters: deadLetters })).toMatchInlineSnapshot(`
      "partition 1, offset 2, 2026-01-31 12:00:00.123 UTC
        error  e\\u0007
        key    k\\u001b[31m
        value  two\\nlines \\u202e

      incarnation 1, partition 1, offset 2, 2026-01-31 12:00:00.123 UTC
        error  e\\u0007
        key    null
        value  empty

      partition 1, offset 2, 2026-01-31 12:00:00.123 UTC
        error  e\\u0007
        key    no UTF-8, in Base64: wyg=
        value  null"
    `);
  });

  it("cuts what is long, says how long it is, and halves no character", () => {
    const view = deadLettersView({
      letters: [{ ...at, key: null, value: `${"x".repeat(299)}${"🚕".repeat(500)}` }],
    });
    expect(view).toContain(`  value  ${"x".repeat(299)}… (2,299 bytes in all)`);
    const bytes = Buffer.alloc(3_000, 0xff).toString("base64");
    expect(
      deadLettersView({ letters: [{ ...at, key: null, value: bytes, valueEncoding: "base64" }] }),
    ).toContain("… (3,000 bytes in all)");
  });
});

describe("dlq accept", () => {
  const plan = { table: "t", added: 3, revoked: 0, accepted: 4, open: 1, reasons: [] };

  it("says what will be, and what was done", () => {
    expect(acceptPlanView({ ...plan, reasons: [{ reason: "field", field: "a", count: 3 }] })).toBe(
      "t: 3 dead letters will be accepted; 1 are open then\n  field:a  3",
    );
    expect(acceptedView(plan)).toBe("t: 3 accepted; 4 accepted in all, 1 open");
    expect(acceptPlanView({ ...plan, added: 0 })).toBe("t: nothing to change; 4 accepted, 1 open");
    const back = { ...plan, added: 0, revoked: 4, accepted: 0, open: 5 };
    expect(acceptPlanView(back)).toContain("4 dead letters will no longer be accepted; 5 are open then");
    expect(acceptedView(back)).toContain("4 dead letters no longer accepted");
  });
});
