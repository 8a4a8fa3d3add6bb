import { accountCheck } from "./account-stage.js";
import { jobsCheck } from "./jobs-stage.js";
import { recountCheck } from "./recount-stage.js";
import { servicesCheck } from "./services-stage.js";
import { silverCheck } from "./silver-stage.js";
import type { StageCheck } from "./stage-check.js";
import { tablesCheck } from "./tables-stage.js";

/** The stages in order. Their numbers are published, so a new stage goes to the end. */
export const stageChecks: readonly StageCheck[] = [
  servicesCheck,
  jobsCheck,
  accountCheck,
  recountCheck,
  silverCheck,
  tablesCheck,
];
