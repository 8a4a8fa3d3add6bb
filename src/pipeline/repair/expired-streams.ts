import { repair as restartBroken } from "../maintain/repair.js";
import type { Patient, Seen } from "./treatment.js";

/** Streams that cannot be restored any more, because another tool has expired the snapshots that they need. */
export async function expiredStreams({ workspace }: Patient): Promise<Seen> {
  const broken = await restartBroken(workspace, true);
  const [first] = broken;
  if (first === undefined) return { treatments: [] };
  const kinds = broken.map(({ stream }) => stream).join(" and ");
  return {
    treatments: [
      {
        finding: "stream_expired",
        table: null,
        detail: `the stream of ${kinds}: ${first.why}`,
        action: "count its rows, and begin it anew",
        gone: 0,
        after: "nothing",
        carryOut: async () => void (await restartBroken(workspace, false)),
      },
    ],
  };
}
