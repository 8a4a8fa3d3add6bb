export type StageStatus = "pass" | "warn" | "fail";

/** The result of a check of `validate`. */
export interface Verdict {
  readonly status: StageStatus;
  readonly detail: string;
  /** The next command to try. */
  readonly hint?: string;
}

/** The worst of several. */
export function worst(statuses: readonly StageStatus[]): StageStatus {
  if (statuses.includes("fail")) return "fail";
  return statuses.includes("warn") ? "warn" : "pass";
}
