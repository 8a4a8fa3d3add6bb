import { expect, it } from "vitest";
import { checkpointsAmong } from "../../../src/runtime/checkpoints.js";

it("finds the complete checkpoints, the newest first, by number and not by name", () => {
  const paths = [
    "chk-9/_metadata",
    "/data/c/j/chk-10/_metadata",
    "chk-11/part",
    "shared/_metadata",
    "chk-x/_metadata",
  ];
  expect(checkpointsAmong(paths, "s3://lake/c", "j")).toEqual([
    { id: 10, path: "s3://lake/c/j/chk-10" },
    { id: 9, path: "s3://lake/c/j/chk-9" },
  ]);
  expect(checkpointsAmong([], "s3://lake/c", "j")).toEqual([]);
});
