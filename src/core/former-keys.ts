/** Keys of JSON documents by their names of now, with those that they had at first. */
const formerKeys: ReadonlyMap<string, string> = new Map([
  ["incarnation", "epoch"],
  ["kafka_incarnation", "kafka_epoch"],
]);

/** A document with the keys of earlier versions beside those of now: whoever reads it by them goes on. Pure. */
export function withFormerKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withFormerKeys) as T;
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
    const former = formerKeys.get(key);
    const now: [string, unknown] = [key, withFormerKeys(one)];
    return former === undefined ? [now] : [now, [former, now[1]]];
  });
  return Object.fromEntries(entries) as T;
}
