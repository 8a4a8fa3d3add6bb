import { rm } from "node:fs/promises";
import { build } from "esbuild";

// One bundle in place of hundreds of files, most of them of packages: a quick command spends its time loading them
// (docs/performance.md). CommonJS, and one file, because that is what Node can load with a code cache (src/cli.ts).
await rm("dist", { recursive: true, force: true });
const common = {
  outdir: "dist",
  outbase: "src",
  bundle: true,
  platform: "node",
  target: "node20",
  // Names and lines stay, so that the stack of a bug can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // Beside the code, which is then ASCII only: Node keeps it as it lies there.
  legalComments: "external",
};
await build({
  ...common,
  entryPoints: ["src/main.ts"],
  format: "cjs",
  outExtension: { ".js": ".cjs" },
});
await build({
  ...common,
  // What starts it, a thread of `generate`, and what the benchmark uses to talk to the gateway as pipectl does.
  entryPoints: ["src/cli.ts", "src/dataset/synthetic/worker.ts", "src/flink/gateway.ts"],
  format: "esm",
  // Some packages are CommonJS and ask for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
});
