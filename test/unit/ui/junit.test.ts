import { describe, expect, it } from "vitest";
import { junitOfResult, junitOfTrouble } from "../../../src/ui/junit.js";
import { partition, result, stage } from "../../helpers/validate-result.js";

const took = { startedAt: new Date("2026-03-01T10:20:30.456Z"), seconds: 3.21449 };

describe("junitOfResult", () => {
  it("has a case for each stage, the account, and nothing else", () => {
    const stages = [
      stage({ stage: 1, name: "Services", detail: "Kafka 1 broker" }),
      stage({ status: "warn", detail: "no job has run", hint: "pipectl process" }),
      stage({ stage: 3, name: "Account", status: "fail", detail: "5 < 6 & more", hint: "pipectl process" }),
    ];
    const { incarnation, partition: n, first, next, end, ...terms } = partition();
    const counts = { ...terms, silver: 900 };
    const text = junitOfResult(result({ status: "fail", stages, counts, partitions: [partition()] }), took);
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pipectl validate" tests="3" failures="1" errors="0" time="3.214">
  <testsuite name="pipectl.validate" tests="3" failures="1" errors="0" skipped="0" time="3.214" timestamp="2026-03-01T10:20:30Z">
    <properties>
      <property name="mode" value="batch"/>
      <property name="status" value="fail"/>
      <property name="produced" value="1000"/>
      <property name="bronze" value="990"/>
      <property name="dlq" value="10"/>
      <property name="notLanded" value="0"/>
      <property name="withoutRecord" value="0"/>
      <property name="skipped" value="0"/>
      <property name="lost" value="0"/>
      <property name="unaccounted" value="0"/>
      <property name="silver" value="900"/>
    </properties>
    <testcase classname="pipectl.validate" name="Stage 1: Services" time="0">
      <system-out>Kafka 1 broker</system-out>
    </testcase>
    <testcase classname="pipectl.validate" name="Stage 2: Flink job state" time="0">
      <system-out>WARN: no job has run
try: pipectl process</system-out>
    </testcase>
    <testcase classname="pipectl.validate" name="Stage 3: Account" time="0">
      <failure message="5 &lt; 6 &amp; more" type="stage_failed">5 &lt; 6 &amp; more
try: pipectl process</failure>
    </testcase>
    <system-out>PARTITION  PRODUCED  BRONZE  DEAD LETTERS  NOT LANDED  UNACCOUNTED
        0     1,000     990            10           0            0
      all     1,000     990            10           0            0</system-out>
  </testsuite>
</testsuites>
`);
  });

  it("says nothing of an account that could not be drawn up", () => {
    const text = junitOfResult(result({ status: "fail", stages: [stage({ status: "fail" })] }), took);
    expect(text).toContain('tests="1" failures="1" errors="0"');
    expect(text).not.toContain("produced");
    expect(text).not.toContain("system-out");
  });

  it("has an error, and no failure, for a stage that could not look", () => {
    const detail = "Flink does not answer";
    const text = junitOfResult(
      result({ status: "unknown", stages: [stage({ status: "unknown", detail, hint: "pipectl status" })] }),
      took,
    );
    expect(text).toContain('tests="1" failures="0" errors="1"');
    expect(text).toContain('<property name="status" value="unknown"/>');
    expect(text).toContain(
      `<error message="${detail}" type="stage_unknown">${detail}\ntry: pipectl status</error>`,
    );
  });

  it("has a line for each partition", () => {
    const partitions = [partition(), partition({ partition: 1, unaccounted: -3 })];
    const text = junitOfResult(result({ partitions }), took);
    expect(text).toMatch(/\n +1 .* -3<\/system-out>\n/);
  });
});

describe("junitOfTrouble", () => {
  it("is one case that is an error", () => {
    const trouble = { code: "config_invalid", message: 'MODE is "x"\nand more', hint: "pipectl config" };
    expect(junitOfTrouble(trouble, took)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pipectl validate" tests="1" failures="0" errors="1" time="3.214">
  <testsuite name="pipectl.validate" tests="1" failures="0" errors="1" skipped="0" time="3.214" timestamp="2026-03-01T10:20:30Z">
    <testcase classname="pipectl.validate" name="validate" time="0">
      <error message="MODE is &quot;x&quot;&#10;and more" type="config_invalid">MODE is "x"
and more
try: pipectl config</error>
    </testcase>
  </testsuite>
</testsuites>
`);
  });
});
