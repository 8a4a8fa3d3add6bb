import { z } from "zod";

/** What the records of several tables have in common, as it is written. Objects keep the keys that they do not know. */

/** A number of rows, an offset, a partition: beyond 2^53 it would no longer be exact. */
export const countShape = z.int().nonnegative();

/** Id of an Iceberg snapshot; null for a table without one. */
export const snapshotShape = z.string().nullable();

/** A `StreamMark`. */
export const streamMarkShape = z.looseObject({
  run: z.string(),
  jobs: z.array(z.string()).min(1),
  topology: z.string(),
  stopped: z
    .looseObject({ at: z.string(), savepoint: z.string().nullable(), resumes: z.boolean().exactOptional() })
    .exactOptional(),
  restored: z.string().exactOptional(),
  committed: z.record(z.string(), countShape).exactOptional(),
});
