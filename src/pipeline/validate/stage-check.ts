import { type Verdict, worst } from "../../core/verdict.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { RuleOutcome } from "../quality/check-rules.js";
import type { AccountOutcome } from "./account-outcome.js";
import type { Settled } from "./settled.js";

/** The input of every stage. */
export interface StageContext {
  readonly workspace: Workspace;
  /** Determined once for all stages. It rejects when that fails, and the account's own stage reports the reason. */
  readonly account: Promise<AccountOutcome>;
  /** The outcome of `--settle`; undefined without it. */
  readonly settled: Settled | undefined;
  /** True where rows are also to be compared with the records that Kafka still has. */
  readonly againstTopic?: boolean;
}

/** The result of a look; `quality` is passed on to the result of `validate`. */
export type Found = Verdict & { readonly quality?: readonly RuleOutcome[] };

/** Undefined when there is nothing to report. */
export type Look = (context: StageContext) => Promise<Found | undefined>;

/** A stage of `validate`. Its number is its position in the table of `stages.ts`. */
export interface StageCheck {
  readonly name: string;
  /** True for a stage that reads every row; it runs only with `--deep`. */
  readonly deep: boolean;
  /** True when the stage is left out if one of its looks cannot run, because another stage fails for the same reason. */
  readonly optional?: boolean;
  /**
   * They run one after the other, even if an earlier one has failed. The stage has the worst of their states, and all of
   * their details.
   */
  readonly looks: readonly Look[];
}

/** One verdict from two looks: the worse status, both details, and the hint of the worse one. Pure. */
export function joined(first: Found, second: Found): Found {
  const status = worst([first.status, second.status]);
  // Two looks that fail for the same reason report it once.
  const details = new Set([first.detail, second.detail].filter((text) => text !== ""));
  const [worse, other] = first.status === status ? [first, second] : [second, first];
  const hint = worse.hint ?? other.hint;
  const quality = second.quality ?? first.quality;
  return {
    ...{ status, detail: [...details].join("; ") },
    ...(hint === undefined ? {} : { hint }),
    ...(quality === undefined ? {} : { quality }),
  };
}
