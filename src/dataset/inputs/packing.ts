/** The supported compressions. */
export type Packing = "gzip" | "zstd";

export const packings: readonly {
  readonly name: Packing;
  readonly signature: readonly number[];
  /** File name endings without the dot, the usual one first. */
  readonly endings: readonly [string, ...string[]];
}[] = [
  { name: "gzip", signature: [0x1f, 0x8b], endings: ["gz"] },
  { name: "zstd", signature: [0x28, 0xb5, 0x2f, 0xfd], endings: ["zst", "zstd"] },
];

/** The usual file name ending, such as `gz`. */
export const endingOf = (packing: Packing) =>
  packings.find(({ name }) => name === packing)?.endings[0] as string;
