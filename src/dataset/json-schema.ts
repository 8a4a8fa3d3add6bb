import { z } from "zod";
import { manifestSchema } from "./schema.js";

/**
 * The manifest's shape for editors (datasets/manifest.schema.json): completion, and what is wrong while it is typed. What only the
 * loader can see, such as a name that no column has, is not in it.
 */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ ...schema, title: "A dataset of pipectl" }, undefined, 2)}\n`;
}
