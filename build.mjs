import { rm } from "node:fs/promises";
import { build } from "esbuild";

// One bundle in place of hundreds of files, most of them of packages: a quick command spends its time loading them
// (docs/performance.md). Split where the sources import later, so that `--help` loads next to nothing.
await rm("dist", { recursive: true, force: true });
await build({
  // The second one is for the benchmark, which talks to the gateway as pipectl does.
  entryPoints: ["src/cli.ts", "src/flink/gateway.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Names and lines stay, so that the stack of a bug can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // kafkajs and others are CommonJS and ask for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
