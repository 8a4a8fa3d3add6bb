import { PipectlError } from "../../src/core/errors.js";

/** The error that something throws; it must be one that is meant for people. */
export async function problemOf(action: () => unknown): Promise<PipectlError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof PipectlError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
