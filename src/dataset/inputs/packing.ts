/** How a text may be packed. */
export type Packing = "gzip" | "zstd";

export const packings: readonly {
  readonly name: Packing;
  readonly signature: readonly number[];
  /** Endings of names, without the dot; the first is the usual one. */
  readonly endings: readonly [string, ...string[]];
}[] = [
  { name: "gzip", signature: [0x1f, 0x8b], endings: ["gz"] },
  { name: "zstd", signature: [0x28, 0xb5, 0x2f, 0xfd], endings: ["zst", "zstd"] },
];

/** The usual ending of a name: `gz`. */
export const endingOf = (packing: Packing) =>
  packings.find(({ name }) => name === packing)?.endings[0] as string;
