/**
 * The hash with which Kafka's own producer chooses the partition of a key (`Utils.murmur2` of kafka-clients, after Austin
 * Appleby's MurmurHash2). kafkajs computes it with 64-bit objects, which takes some microseconds for each key: as long as making
 * the record.
 *
 * @returns 0 to 2^31 - 1: the hash without its sign, as Kafka takes it modulo the number of partitions
 */
export function murmur2(key: Uint8Array): number {
  const words = key.length & ~3;
  let hash = 0x9747b28c ^ key.length;
  for (let at = 0; at < words; at += 4) {
    const word =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24);
    const mixed = Math.imul(word, multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(mixed ^ (mixed >>> 24), multiplier);
  }
  const rest = key.length - words;
  if (rest > 2) hash ^= (key[words + 2] as number) << 16;
  if (rest > 1) hash ^= (key[words + 1] as number) << 8;
  if (rest > 0) hash = Math.imul(hash ^ (key[words] as number), multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}

const multiplier = 0x5bd1e995;
