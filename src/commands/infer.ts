import { type CommandDefinition, numberOption } from "./command.js";

export const inferCommand: CommandDefinition = {
  usage: "dataset infer <inputs...>",
  summary:
    "write datasets/NAME.yml by what files (CSV, JSON, Parquet; - for standard input) or a topic (topic:NAME) hold",
  options: [
    ["--name <name>", "the dataset's name, in snake_case"],
    ["--sample <n>", "records to read; all of a file and 1000 of a topic without it"],
  ],
  example:
    "pipectl dataset infer orders.csv.gz --name orders\npipectl dataset infer topic:shop.orders --name orders --sample 5000",
  run: async (context, inputs, values) => {
    const [{ inferDataset }, { inferView }, { usage }] = await Promise.all([
      import("../pipeline/dataset/infer-manifest.js"),
      import("../ui/infer-view.js"),
      import("../core/errors.js"),
    ]);
    if (values.name === undefined) {
      throw usage("option_missing", "--name is missing: what shall the dataset be called?", {
        hint: `pipectl dataset infer ${inputs.join(" ")} --name orders`,
      });
    }
    const result = await inferDataset({
      root: context.config().root,
      name: String(values.name),
      inputs,
      sample: await numberOption(values, "sample", { min: 1, whole: true }),
      stdin: context.deps.stdin,
      kafka: context.kafka,
      day: new Date().toISOString().slice(0, 10),
      report: context.report,
      signal: context.signal,
    });
    context.print(result, (shown) => inferView(shown, inputs));
    return undefined;
  },
};
