import type { CommandDefinition } from "./command.js";

export const tourCommands: readonly CommandDefinition[] = [
  {
    usage: "demo",
    summary: "the whole way in one command: start, send 10,000 records, process, prove the account",
    example: "pipectl demo",
    run: async (context) => {
      const [{ demo }, { demoView }] = await Promise.all([
        import("../pipeline/tour/demo.js"),
        import("../ui/demo-view.js"),
      ]);
      const result = await demo(await context.workspace("started"));
      context.print(result, (value) => demoView(value, context.chalk));
      return result.validation.status === "fail" ? 1 : 0;
    },
  },
  {
    usage: "benchmark",
    summary: "measure your own stack, stage by stage; the figures are kept as JSON",
    options: [["--count <n>", "records to send", "100000"]],
    example: "pipectl benchmark --count 1000000",
    run: async (context, _args, options) => {
      const [{ benchmark }, { benchmarkView }, { numberOption }] = await Promise.all([
        import("../pipeline/tour/benchmark.js"),
        import("../ui/demo-view.js"),
        import("./command.js"),
      ]);
      const count = (await numberOption(options, "count", { min: 1, whole: true })) ?? 100_000;
      context.print(await benchmark(await context.workspace("started"), count), benchmarkView);
      return undefined;
    },
  },
];
