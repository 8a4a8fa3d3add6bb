import { z } from "zod";
import { countShape, snapshotShape, streamMarkShape } from "../lake/record-shapes.js";

const rules = z.looseObject({
  columns: z.array(z.tuple([z.string(), z.string(), z.string()])),
  filters: z.array(z.string()),
  wins: z.string(),
  naturalKey: z.array(z.string()),
});

const silver1 = z.looseObject({
  version: z.literal(1),
  bronzeSnapshot: snapshotShape,
  silverSnapshot: snapshotShape,
  rows: countShape.exactOptional(),
  spec: countShape.exactOptional(),
  rules: z.string(),
  made: rules.exactOptional(),
  stream: streamMarkShape.exactOptional(),
  paused: z.boolean().exactOptional(),
});

/** The versions of silver's property `pipectl.silver`. Only this file knows its format. */
export const silverVersions = { 1: silver1 };
