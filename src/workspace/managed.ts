import { usage } from "../core/errors.js";
import type { Needs } from "./workspace.js";

/** @throws PipectlError (usage) `not_ours` where the services are somebody else's */
export function requireManaged({ runtime }: Needs<"runtime">, what: string): void {
  if (runtime.notOurs === undefined) return;
  throw usage("not_ours", `${runtime.notOurs}, and ${what}`, {
    hint: "pipectl stop ends the streams; another RUNTIME in .env has a stack of its own",
  });
}
