import { messageOf, PipectlError } from "./errors.js";

/** The result of a check of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly detail: string;
  readonly hint?: string;
}

/** Runs a check and turns whatever it throws into a problem: a check that fails must not hide the others. */
export async function finding(check: string, look: () => Promise<Omit<Finding, "check">>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    const hint = error instanceof PipectlError ? error.hint : undefined;
    return { check, status: "problem", detail: messageOf(error), ...(hint === undefined ? {} : { hint }) };
  }
}
