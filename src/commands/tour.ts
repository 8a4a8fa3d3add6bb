import { exitCodeOf } from "../core/verdict.js";
import { type CommandDefinition, command } from "./command.js";
import { number } from "./options.js";

export const tourCommands: readonly CommandDefinition[] = [
  command({
    usage: "demo",
    summary: "the whole pipeline in one command: start, send 10,000 records, process, prove the account",
    example: "pipectl demo",
    run: async (context) => {
      const [{ demo }, { demoView }] = await Promise.all([
        import("../pipeline/tour/demo.js"),
        import("../ui/demo-view.js"),
      ]);
      const result = await demo(await context.workspace("started"));
      context.print(result, (value) => demoView(value, context.chalk));
      return exitCodeOf(result.validation.status);
    },
  }),
  command({
    usage: "benchmark",
    summary: "measure your own stack, stage by stage; the figures are saved as JSON",
    options: { count: number("<n>", "records to send", { min: 1, whole: true }, "100000") },
    example: "pipectl benchmark --count 1000000",
    run: async (context, _args, { count }) => {
      const [{ benchmark }, { benchmarkView }] = await Promise.all([
        import("../pipeline/tour/benchmark.js"),
        import("../ui/demo-view.js"),
      ]);
      context.print(await benchmark(await context.workspace("started"), count), benchmarkView);
      return undefined;
    },
  }),
];
