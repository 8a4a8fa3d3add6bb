import type { Verdict } from "../../core/verdict.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { RuleOutcome } from "../quality/check-rules.js";
import type { AccountOutcome } from "./account-outcome.js";
import type { Settled } from "./settled.js";

/** What every stage is handed. */
export interface StageContext {
  readonly workspace: Workspace;
  /** Drawn up once for all stages. It rejects where it cannot be drawn up: the account's own stage fails with the reason. */
  readonly account: Promise<AccountOutcome>;
  /** What `--settle` has waited for; undefined without it. */
  readonly settled: Settled | undefined;
}

/** What a look found; `quality` is for the result itself. */
export type Found = Verdict & { readonly quality?: readonly RuleOutcome[] };

/** Undefined where there is nothing to say. */
export type Look = (context: StageContext) => Promise<Found | undefined>;

/** A stage of `validate`. Its number is its place in the table of `stages.ts`. */
export interface StageCheck {
  readonly name: string;
  /** True where it reads every row: it is carried out with `--deep` alone. */
  readonly deep: boolean;
  /** True where it is left out when it cannot be carried out, because another stage fails for the same reason. */
  readonly optional?: boolean;
  /**
   * Carried out one after the other, also when one before could not be. The stage is as good as the worst of them, and says
   * what all of them say.
   */
  readonly looks: readonly Look[];
}
