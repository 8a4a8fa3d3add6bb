import { describe, expect, it } from "vitest";
import {
  annotationOfTrouble,
  annotationsOfResult,
  summaryOfResult,
  summaryOfTrouble,
} from "../../../src/ui/github.js";
import { partition, result, stage } from "../../helpers/validate-result.js";

describe("summaryOfResult", () => {
  it("has the stages, what to try, and the account", () => {
    const stages = [
      stage({ stage: 1, name: "Services", detail: "Kafka 1 broker", hint: "nothing to do" }),
      stage({ status: "warn", detail: "no job has run", hint: "pipectl jobs" }),
      stage({ stage: 3, name: "Account", status: "fail", detail: "8 unaccounted", hint: "pipectl validate" }),
    ];
    const partitions = [partition(), partition({ partition: 1, bronze: 982, unaccounted: 8 })];
    const counts = { ...partition({ produced: 2_000, bronze: 1_972, dlq: 20, unaccounted: 8 }), silver: 900 };
    expect(
      summaryOfResult(result({ status: "fail", stages, partitions, counts })),
    ).toBe(`## pipectl validate: FAIL

MODE=batch

| Stage | Check | Result | Detail |
| ---: | --- | --- | --- |
| 1 | Services | PASS | Kafka 1 broker |
| 2 | Flink job state | WARN | no job has run |
| 3 | Account | FAIL | 8 unaccounted |

### What to try

- Stage 2: pipectl jobs
- Stage 3: pipectl validate

### Account of every record

| partition | produced | bronze | dead letters | not landed | unaccounted |
| ---: | ---: | ---: | ---: | ---: | ---: |
| 0 | 1,000 | 990 | 10 | 0 | 0 |
| 1 | 1,000 | 982 | 10 | 0 | 8 |
| all | 2,000 | 1,972 | 20 | 0 | 8 |

`);
  });

  it("has no heading over nothing", () => {
    const text = summaryOfResult(result());
    expect(text).toMatch(/^## pipectl validate: PASS\n/);
    expect(text).not.toContain("###");
  });

  it("takes nothing of a detail for Markdown or HTML, and keeps it in its cell", () => {
    const detail = "a|b `c` <img src=x> & *d* _e_ [f](g) \\| ~h~ $i$\r\n# j\u001b[31m";
    const row = summaryOfResult(result({ stages: [stage({ detail })] }))
      .split("\n")
      .find((line) => line.startsWith("| 2 |"));
    expect(row).toBe(
      "| 2 | Flink job state | PASS | a\\|b \\`c\\` &lt;img src=x&gt; &amp; \\*d\\* \\_e\\_ \\[f\\](g) \\\\\\| \\~h\\~ \\$i\\$ <br>\\# j \\[31m |",
    );
  });

  it("stays below the size that GitHub takes, however many partitions there are", () => {
    const partitions = Array.from({ length: 20_000 }, (_, i) => partition({ partition: i }));
    const counts = { ...partition(), silver: 0 };
    const detail = "partition 1: 5 unaccounted; ".repeat(50_000);
    const text = summaryOfResult(result({ partitions, counts, stages: [stage({ detail })] }));
    expect(text.length).toBeLessThan(500_000);
    expect(text).toContain("\n| 999 | 1,000 |");
    expect(text).not.toContain("\n| 1000 |");
    expect(text).toMatch(/\n\| all \|.+\n\n19000 more partitions are left out here\.\n\n$/);
  });
});

describe("annotationsOfResult", () => {
  it("are for what did not pass", () => {
    const stages = [
      stage({ stage: 1 }),
      stage({ status: "warn", name: "A, b: 100%", detail: "c: d, 100%\r\ne", hint: "pipectl jobs" }),
      stage({ stage: 3, name: "Account", status: "fail", detail: "8 unaccounted" }),
    ];
    expect(annotationsOfResult(result({ stages }))).toEqual([
      "::warning title=Stage 2%3A A%2C b%3A 100%25::c: d, 100%25%0D%0Ae%0Atry: pipectl jobs",
      "::error title=Stage 3%3A Account::8 unaccounted",
    ]);
  });
});

describe("where there is no result", () => {
  const trouble = { code: "x", message: "2 problems:\nA_B is 'x'", hint: "pipectl config" };

  it("the summary has the error and the next step", () => {
    expect(summaryOfTrouble(trouble)).toBe(
      "## pipectl validate: ERROR\n\n2 problems:<br>A\\_B is 'x'\n\nTry: pipectl config\n\n",
    );
    expect(summaryOfTrouble({ code: "x", message: "no" })).toBe("## pipectl validate: ERROR\n\nno\n\n");
  });

  it("the annotation is an error", () => {
    expect(annotationOfTrouble(trouble)).toBe(
      "::error title=pipectl validate::2 problems:%0AA_B is 'x'%0Atry: pipectl config",
    );
  });
});
