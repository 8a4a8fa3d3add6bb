import { count, plural } from "../../core/format.js";
import { type Verdict, worst } from "../../core/verdict.js";
import type { RuleOutcome } from "./check-rules.js";

/** The rules' part of the quality of silver; without a detail when there are no rules. Pure. */
export function rulesVerdict(outcomes: readonly RuleOutcome[]): Verdict {
  const noted = outcomes.filter(({ status }) => status !== "pass");
  if (noted.length === 0) {
    const detail = outcomes.length === 0 ? "" : `${plural(outcomes.length, "rule")} of the dataset hold`;
    return { status: "pass", detail };
  }
  const broken = noted.filter(({ quarantined }) => quarantined === undefined);
  const keeping = noted.filter(({ quarantined }) => quarantined !== undefined);
  const details = [
    ...(broken.length === 0
      ? []
      : [
          `${broken.length} of ${plural(outcomes.length, "rule")} of the dataset broken: ${broken.map(inWords).join(", ")}`,
        ]),
    ...(keeping.length === 0
      ? []
      : [
          `kept out of silver: ${keeping.map(({ name, failed }) => `${plural(failed, "row")} by ${name}`).join(", ")}`,
        ]),
  ];
  return {
    status: worst(noted.map(({ status }) => status)),
    detail: details.join("; "),
    hint: "pipectl validate --deep --json has samples; the rules are in the dataset's manifest (quality:)",
  };
}

/** A broken rule, and how many rows break it. */
export const inWords = ({ name, rule, failed, checked }: RuleOutcome): string =>
  rule === "freshness" ? `${name} is too old` : `${name} by ${count(failed)} of ${plural(checked, "row")}`;
