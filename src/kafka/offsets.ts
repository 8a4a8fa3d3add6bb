export interface PartitionOffsets {
  readonly partition: number;
  /** The first offset that is still there. */
  readonly first: number;
  /** The offset that the next record will get; where a transaction is open, the one at which it began. */
  readonly end: number;
}

export interface TopicOffsets {
  /** Given by Kafka when the topic was made; null from a broker older than 2.8. */
  readonly id: string | null;
  /** Sorted by partition. */
  readonly partitions: readonly PartitionOffsets[];
}
