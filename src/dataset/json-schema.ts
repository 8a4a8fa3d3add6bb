import { z } from "zod";
import { manifestSchema } from "./schema.js";

/**
 * The manifest's JSON Schema for editors (datasets/manifest.schema.json): completion, and errors while typing. Checks that only the loader
 * can make, such as references to unknown columns, are not in it.
 */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ ...schema, title: "A dataset of pipectl" }, undefined, 2)}\n`;
}
