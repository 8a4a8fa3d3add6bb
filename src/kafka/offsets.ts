export interface PartitionOffsets {
  readonly partition: number;
  /** The first offset that is still there. */
  readonly first: number;
  /** The offset of the next record; where a transaction is open, the offset at which it began (the last stable offset). */
  readonly end: number;
}

export interface TopicOffsets {
  /** The topic's id; null from a broker older than 2.8. */
  readonly id: string | null;
  /** Sorted by partition. */
  readonly partitions: readonly PartitionOffsets[];
}
