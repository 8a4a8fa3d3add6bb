import type { z } from "zod";

export interface KeyDefinition<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  /** As written in `.env`. */
  readonly default: string;
  readonly doc: string;
  readonly section: string;
  /** True for a secret, which is never shown, logged, or written anywhere but in `.env`. */
  readonly secret?: boolean;
}

export const key = <T extends z.ZodType>(section: string, fallback: string, doc: string, schema: T) => ({
  section,
  default: fallback,
  doc,
  schema,
});

export const secret = <T extends z.ZodType>(section: string, doc: string, schema: T) => ({
  ...key(section, "", doc, schema),
  secret: true,
});
