import { messageOf, PipectlError } from "./errors.js";

/** What a check of `doctor` found. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly detail: string;
  readonly hint?: string;
}

/** Looks, and makes a problem of whatever is thrown: one check that cannot be made must not hide the others. */
export async function finding(check: string, look: () => Promise<Omit<Finding, "check">>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    const hint = error instanceof PipectlError ? error.hint : undefined;
    return { check, status: "problem", detail: messageOf(error), ...(hint === undefined ? {} : { hint }) };
  }
}
