import { plural } from "../../core/format.js";
import { removeLock, strangeLocks } from "../../workspace/lock.js";
import type { Needs } from "../../workspace/workspace.js";
import type { Treatment } from "./treatment.js";

/** Files in the places of locks that nobody holds. */
export async function lockTreatments(workspace: Needs<"runtime">): Promise<Treatment[]> {
  const strange = await strangeLocks(workspace);
  const [first] = strange;
  if (first === undefined) return [];
  return [
    {
      finding: "locks",
      table: null,
      detail: `${plural(strange.length, "lock")} that nobody holds: ${first.path}: ${first.why}`,
      action: "remove what nobody holds",
      gone: 0,
      after: "nothing",
      carryOut: async () => {
        for (const one of strange) await removeLock(one);
      },
    },
  ];
}
