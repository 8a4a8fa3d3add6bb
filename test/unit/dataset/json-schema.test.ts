import { join } from "node:path";
import { expect, it } from "vitest";
import { manifestJsonSchema } from "../../../src/dataset/json-schema.js";
import { root } from "./fixtures.js";

it("is the schema that the loader holds manifests to (`vitest run --project unit -u` makes the file anew)", async () => {
  await expect(manifestJsonSchema()).toMatchFileSnapshot(join(root, "datasets/manifest.schema.json"));
});

it("says what each key of a manifest and of a column is for", () => {
  const { properties } = JSON.parse(manifestJsonSchema());
  const { properties: ofColumn } = properties.columns.items;
  for (const part of [...Object.values(properties), ...Object.values(ofColumn)])
    expect(part).toHaveProperty("description");
});
