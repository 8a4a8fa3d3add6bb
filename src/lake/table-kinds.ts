/** The tables of a dataset, in the order in which their rows come. */
export const tableKinds = ["bronze", "dlq", "silver"] as const;
export type TableKind = (typeof tableKinds)[number];
