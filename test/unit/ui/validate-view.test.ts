import { Chalk } from "chalk";
import { describe, expect, it } from "vitest";
import type { RuleOutcome } from "../../../src/pipeline/quality/check-rules.js";
import { accountTable, validateView } from "../../../src/ui/validate-view.js";
import { partition, result, stage } from "../../helpers/validate-result.js";

const plain = new Chalk({ level: 0 });

describe("validateView", () => {
  it("has one line a stage, in the shape that scripts grep for", () => {
    const stages = [
      stage({ stage: 1, name: "Services", detail: "Kafka 1 broker" }),
      stage(),
      stage({ stage: 3, name: "A name that is much longer than the dots allow for", status: "fail" }),
    ];
    const lines = validateView(result({ stages, status: "fail" }), plain).split("\n");
    for (const line of lines.slice(0, 3))
      expect(line).toMatch(/^\[Stage \d\] .+ \.{3,} (PASS|WARN|FAIL) \(.+\)$/);
    expect(lines[1]).toMatch(/^\[Stage 2\] Flink job state \.+ PASS \(2 FINISHED, 0 restarts\)$/);
    expect(lines[0]?.indexOf(" PASS")).toBe(lines[1]?.indexOf(" PASS"));
    expect(lines.at(-1)).toBe("FAIL (MODE=batch)");
  });

  it("says UNKNOWN of what could not be looked at", () => {
    const stages = [stage({ status: "unknown", detail: "Flink does not answer", hint: "pipectl status" })];
    expect(validateView(result({ stages, status: "unknown" }), plain)).toBe(
      "[Stage 2] Flink job state ..................... UNKNOWN (Flink does not answer)\n" +
        "          try: pipectl status\n\nUNKNOWN (MODE=batch)",
    );
  });

  it("shows the next step of what did not pass, and of nothing else", () => {
    const stages = [
      stage({ hint: "pipectl silent" }),
      stage({ status: "warn", hint: "pipectl warned" }),
      stage({ status: "fail", hint: "pipectl failed" }),
    ];
    const text = validateView(result({ stages }), plain);
    expect(text).not.toContain("pipectl silent");
    expect(text).toMatch(/WARN .*\n +try: pipectl warned\n/);
    expect(text).toMatch(/FAIL .*\n +try: pipectl failed\n/);
  });

  it("shows rows that break a rule of the dataset, and no control character of theirs", () => {
    const quality: RuleOutcome[] = [
      { name: "good", rule: "not_null", failed: 0, checked: 9, status: "pass", samples: [] },
      {
        ...{ name: "known_flag", rule: "accepted_values", failed: 1_200, checked: 2_000, status: "warn" },
        samples: [
          { trip_id: "4026", store_and_fwd_flag: "\u001b[2J" },
          { trip_id: "4027", flag: null },
        ],
      },
    ];
    const text = validateView(result({ quality }), plain);
    expect(text).not.toContain("good");
    expect(text).toContain(
      "WARN known_flag: 1,200 of 2,000\n  trip_id=4026  store_and_fwd_flag=\\u001b[2J\n  trip_id=4027  flag=NULL\n",
    );
  });

  it("has colour codes with colours, and none without", () => {
    expect(validateView(result(), plain)).not.toContain("\u001b");
    expect(validateView(result(), new Chalk({ level: 1 }))).toContain("\u001b[32mPASS\u001b[39m");
  });
});

describe("accountTable", () => {
  it("shows each partition and the sum", () => {
    const partitions = [partition(), partition({ partition: 1, produced: 2_000, bronze: 2_000, dlq: 0 })];
    const counts = { ...partition({ produced: 3_000, bronze: 2_990, dlq: 10 }), silver: 2_900 };
    expect(accountTable({ partitions, counts })).toBe(
      [
        "PARTITION  PRODUCED  BRONZE  DEAD LETTERS  NOT LANDED  UNACCOUNTED",
        "        0     1,000     990            10           0            0",
        "        1     2,000   2,000             0           0            0",
        "      all     3,000   2,990            10           0            0",
      ].join("\n"),
    );
  });

  it("shows a rare term as soon as one partition has it", () => {
    const partitions = [partition(), partition({ partition: 1, lost: 5, unaccounted: -2 })];
    const [heading, , second, ...more] = accountTable({ partitions, counts: null }).split("\n");
    expect(heading).toMatch(/NOT LANDED {2}LOST {2}UNACCOUNTED$/);
    expect(second).toMatch(/ 5 +-2$/);
    expect(more).toEqual([]);
  });
});
