import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { synthesizeAside } from "../../../../src/dataset/synthetic/aside.js";
import { pack, unpack } from "../../../../src/dataset/synthetic/packed.js";
import { type SyntheticRecord, synthesize } from "../../../../src/dataset/synthetic/synthesize.js";
import { root, temporaryFolder } from "../../../helpers/folder.js";

const folder = temporaryFolder();
const dataset = loadManifest(join(root, "datasets", "taxi.yml"));
const script = pathToFileURL(join(folder, "worker.mjs"));
const options = { seed: 9, count: 1_501, malformed: 0.1, duplicates: 0.1, chunkSize: 500 };

beforeAll(async () => {
  await build({
    entryPoints: [join(root, "src", "dataset", "synthetic", "worker.ts")],
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
  });
});

test("another thread makes the same records in the same order, and ends with the last one", async () => {
  const made: object[] = [];
  for await (const chunk of synthesizeAside(script, dataset, options)) made.push(...chunk);
  const here = [...synthesize(dataset, options)].flat().map(({ key, value, kind }) => ({ key, value, kind }));
  expect(made).toHaveLength(1_501);
  expect(made).toEqual(here);
});

test("whoever stops asking ends the thread", async () => {
  for await (const chunk of synthesizeAside(script, dataset, { ...options, count: 1e9 })) {
    expect(chunk).toHaveLength(500);
    break;
  }
});

test("what goes wrong in the thread comes out here", async () => {
  const chunks = synthesizeAside(script, dataset, { ...options, chunkSize: -1 });
  await expect(
    (async () => {
      for await (const _ of chunks);
    })(),
  ).rejects.toThrow("chunk size");
});

test("nothing, an empty value and a tombstone survive the way", () => {
  const records: SyntheticRecord[] = [
    { key: null, value: null, kind: "malformed", fault: "tombstone" },
    { key: Buffer.alloc(0), value: Buffer.alloc(0), kind: "malformed", fault: "empty" },
    { key: Buffer.from("k"), value: Buffer.from("ü"), kind: "good", fault: null },
  ];
  expect(unpack(pack(records))).toEqual(records.map(({ key, value, kind }) => ({ key, value, kind })));
  expect(unpack(pack([]))).toEqual([]);
});
