import type { CommandDefinition } from "./command.js";
import { dataCommands } from "./data.js";
import { datasetCommands } from "./dataset.js";
import { dlqCommands } from "./dlq.js";
import { inspectCommands } from "./inspect.js";
import { maintenanceCommands } from "./maintenance.js";
import { processCommands } from "./process.js";
import { stackCommands } from "./stack.js";
import { tourCommands } from "./tour.js";

/** Every command, in the groups of `--help`. */
export const commandGroups: readonly {
  readonly title: string;
  readonly commands: readonly CommandDefinition[];
}[] = [
  { title: "Try it:", commands: tourCommands },
  { title: "The stack:", commands: stackCommands },
  { title: "Datasets:", commands: datasetCommands },
  { title: "Data in:", commands: dataCommands },
  { title: "The pipeline:", commands: processCommands },
  { title: "Inspection:", commands: inspectCommands },
  { title: "Dead letters:", commands: dlqCommands },
  { title: "Maintenance:", commands: maintenanceCommands },
];
