import { expect, it } from "vitest";
import { checkDataset } from "../../../../src/pipeline/dataset/datasets.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const described = (length: number) => ({
  ...taxi,
  columns: taxi.columns.map((column, i) =>
    i === 0 ? { ...column, description: "x".repeat(length) } : column,
  ),
});
const manifest = async (length: number) =>
  (await checkDataset(workspaceOf({ dataset: described(length) }), [])).find(
    ({ check }) => check === "Manifest",
  );

it("a description that some catalogs refuse is named with its length; Iceberg itself takes any", async () => {
  expect(await manifest(255)).toMatchObject({ status: "ok" });
  expect(await manifest(5_000)).toMatchObject({
    status: "warning",
    detail: expect.stringMatching(
      /; some catalogs refuse a description of more than 255 characters: VendorID \(5,000\)$/,
    ),
    hint: "shorten it, where yours does",
  });
});
