import type { Stage, ValidateResult } from "../pipeline/validate/result.js";
import { accountTable } from "./validate-view.js";
import { type Element, xmlDocument } from "./xml.js";

/** When the command began, and how long it took. */
export interface Took {
  readonly startedAt: Date;
  readonly seconds: number;
}

/** Why there is no result. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * JUnit XML with a test case for each stage. CI servers read different dialects; this uses the part that all share (Jenkins' schema has
 * no `skipped` and no `timestamp` on `testsuites`).
 */
export function junitOfResult(result: ValidateResult, took: Took): string {
  const { stages, mode, status, counts, partitions } = result;
  const properties = Object.entries({ mode, status, ...counts }).map(
    ([name, value]): Element => ({ name: "property", attributes: { name, value } }),
  );
  const account = partitions.length === 0 ? [] : [textOf("system-out", accountTable(result))];
  return document(stages.map(caseOf), took, {
    failures: stages.filter((stage) => stage.status === "fail").length,
    errors: stages.filter((stage) => stage.status === "unknown").length,
    before: [{ name: "properties", content: properties }],
    after: account,
  });
}

/** The report of a command without a result: one case, which is an error and not a failure. */
export function junitOfTrouble({ code, message, hint }: Trouble, took: Took): string {
  const error = {
    name: "error",
    attributes: { message, type: code },
    content: withHint(message, hint),
  };
  return document([testcase("validate", error)], took, { errors: 1 });
}

const suite = "pipectl.validate";

function document(
  cases: readonly Element[],
  { startedAt, seconds }: Took,
  more: {
    readonly failures?: number;
    readonly errors?: number;
    readonly before?: readonly Element[];
    readonly after?: readonly Element[];
  },
): string {
  const { failures = 0, errors = 0, before = [], after = [] } = more;
  const time = seconds.toFixed(3);
  const counts = { tests: cases.length, failures, errors };
  const timestamp = startedAt.toISOString().replace(/\.\d+Z$/, "Z");
  return xmlDocument({
    name: "testsuites",
    attributes: { name: "pipectl validate", ...counts, time },
    content: [
      {
        name: "testsuite",
        attributes: { name: suite, ...counts, skipped: 0, time, timestamp },
        content: [...before, ...cases, ...after],
      },
    ],
  });
}

function caseOf({ stage, name, status, detail, hint }: Stage): Element {
  const title = `Stage ${stage}: ${name}`;
  if (status === "fail") {
    const attributes = { message: detail, type: "stage_failed" };
    return testcase(title, { name: "failure", attributes, content: withHint(detail, hint) });
  }
  // JUnit's word for a test that has come to no result.
  if (status === "unknown") {
    const attributes = { message: detail, type: "stage_unknown" };
    return testcase(title, { name: "error", attributes, content: withHint(detail, hint) });
  }
  // JUnit has no warnings.
  const said = status === "warn" ? withHint(`WARN: ${detail}`, hint) : detail;
  return testcase(title, textOf("system-out", said));
}

/** Stages run in parallel and are not timed. A reader that finds no time at all would compute with NaN. */
const testcase = (name: string, content: Element): Element => ({
  name: "testcase",
  attributes: { classname: suite, name, time: "0" },
  content: [content],
});

const textOf = (name: string, content: string): Element => ({ name, content });

const withHint = (text: string, hint: string | undefined) =>
  hint === undefined ? text : `${text}\ntry: ${hint}`;
