import { failed } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { QualityRule } from "../../dataset/quality.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import type { Workspace } from "../../workspace/workspace.js";
import { judgeRules, type RuleOutcome } from "./check-rules.js";
import { inWords } from "./rules-verdict.js";

/**
 * Rules that batch silver must fulfil before it is published. `freshness` is not one of them: it depends on the time of the
 * question, and holding back newer rows would only leave older ones in place.
 */
export const gateRules = (rules: readonly QualityRule[]): QualityRule[] =>
  rules.filter(({ rule, on_fail }) => on_fail === "fail" && rule !== "freshness");

/**
 * Checks what a run has written for silver by the rules with `on_fail: fail`, in one job. Without such rules no job runs.
 *
 * @param head the snapshot that would be published
 * @throws PipectlError (failed) `quality_gate` with the broken rules and some of the rows
 */
export async function requireQuality(workspace: Workspace, head: string | null): Promise<void> {
  const { dataset, report } = workspace;
  const rules = gateRules(dataset.quality);
  if (rules.length === 0 || head === null) return;
  report({ type: "step", text: `Silver: ${plural(rules.length, "quality rule")} before it is published` });
  const silver = readFrom(dataset.tables.silver, asOf(head));
  const outcomes = await judgeRules(workspace, rules, { silver, bronze: silver });
  const broken = outcomes.filter(({ status }) => status === "fail");
  if (broken.length === 0) return;
  const which = `${plural(broken.length, "quality rule is", "quality rules are")} broken`;
  throw failed("quality_gate", `silver was not published: ${which}:\n${broken.flatMap(linesOf).join("\n")}`, {
    hint: `silver is unchanged, and bronze has the rows; on_fail: quarantine or warn in ${dataset.path} lets the rest pass, then: pipectl process-silver`,
  });
}

const linesOf = (outcome: RuleOutcome): string[] => [
  `  ${inWords(outcome)}`,
  ...outcome.samples.map((sample) => `    ${JSON.stringify(sample)}`),
];
