import type { CommandDefinition } from "./command.js";
import { inferCommand } from "./infer.js";

export const datasetCommands: readonly CommandDefinition[] = [
  {
    usage: "dataset",
    summary: "what can be done with datasets",
    example: "pipectl dataset",
    run: async (context) => {
      context.print(
        { actions: ["infer"] },
        ({ actions }) => `actions: ${actions.join(", ")}\n  pipectl dataset infer --help`,
      );
      return undefined;
    },
  },
  inferCommand,
];
