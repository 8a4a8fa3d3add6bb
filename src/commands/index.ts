import type { CommandDefinition } from "./command.js";
import { dataCommands } from "./data.js";
import { datasetCommands } from "./dataset.js";
import { inspectCommands } from "./inspect.js";
import { processCommands } from "./process.js";
import { stackCommands } from "./stack.js";
import { tourCommands } from "./tour.js";
import { upkeepCommands } from "./upkeep.js";

/** Every command, in the groups that `--help` shows. */
export const commandGroups: readonly {
  readonly title: string;
  readonly commands: readonly CommandDefinition[];
}[] = [
  { title: "Try it:", commands: tourCommands },
  { title: "The stack:", commands: stackCommands },
  { title: "Datasets:", commands: datasetCommands },
  { title: "Data in:", commands: dataCommands },
  { title: "The pipeline:", commands: processCommands },
  { title: "Looking at it:", commands: inspectCommands },
  { title: "Upkeep:", commands: upkeepCommands },
];
