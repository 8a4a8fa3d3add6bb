import { dlqLimit } from "./dlq-limit.js";
import { dlqShare } from "./dlq-share.js";
import { withSettled } from "./settled.js";
import { withSilver } from "./silver-standing.js";
import type { StageCheck } from "./stage-check.js";

/**
 * For each partition, produced = bronze + dead letters + the other named terms, with no remainder. Computed from the topic's
 * offsets and the positions and totals committed with the tables' snapshots: no row is read.
 */
export const accountCheck: StageCheck = {
  name: "Account of every record",
  deep: false,
  looks: [
    async ({ account, settled }) => {
      const { verdict, counts, silver } = await account;
      return withSettled(withSilver(verdict, silver, settled), counts, settled);
    },
    dlqLimit,
    dlqShare,
  ],
};
