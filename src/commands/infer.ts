import { families } from "../dataset/formats/input-formats.js";
import { command } from "./command.js";
import { flag, number, text } from "./options.js";

export const inferCommand = command({
  usage: "dataset infer <inputs...>",
  summary: `write datasets/NAME.yml from the contents of files (${families.join(", ")}; - for standard input) or a topic (topic:NAME)`,
  options: {
    name: text("<name>", "the dataset's name, in snake_case"),
    sample: number("<n>", "records to read; by default all of a file, or 1000 of a topic", {
      min: 1,
      whole: true,
    }),
    headerless: flag("CSV files have no header: the columns become column_1, column_2, …"),
  },
  example:
    "pipectl dataset infer orders.csv.gz --name orders\npipectl dataset infer topic:shop.orders --name orders --sample 5000",
  run: async (context, inputs, { name, sample, headerless }) => {
    const [{ inferDataset }, { inferView }, { usage }] = await Promise.all([
      import("../pipeline/dataset/infer-manifest.js"),
      import("../ui/infer-view.js"),
      import("../core/errors.js"),
    ]);
    if (name === undefined) {
      throw usage("option_missing", "--name is missing: the dataset needs a name", {
        hint: `pipectl dataset infer ${inputs.join(" ")} --name orders`,
      });
    }
    const result = await inferDataset({
      root: context.config().root,
      name,
      inputs,
      sample,
      hasHeader: headerless ? false : undefined,
      stdin: context.deps.stdin,
      kafka: context.kafka,
      day: new Date().toISOString().slice(0, 10),
      report: context.report,
      signal: context.signal,
    });
    context.print(result, (shown) => inferView(shown, inputs));
    return undefined;
  },
});
