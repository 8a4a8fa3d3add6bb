import type { Row } from "./batch-jobs.js";
import { countAndSum, hashOf } from "./hashes.js";

type Landed = Readonly<Record<"bronze" | "dlq", readonly Row[]>>;
type Kind = keyof Landed;

/** What `countRows` asks for. */
export function counted(sql: string, landed: Landed): unknown[][] {
  const rows = (["bronze", "dlq"] as const).flatMap((kind) => landed[kind].map((row) => ({ kind, row })));
  const [, firstsText] =
    /kafka_offset < CASE kafka_partition (.*?) ELSE kafka_offset \+ 1 END/.exec(sql) ?? [];
  const firsts = firstsText === undefined ? undefined : pairsIn(firstsText);
  const isRemoved = ({ partition, offset }: Row) =>
    firsts !== undefined && offset < (firsts.get(partition) ?? Number.POSITIVE_INFINITY);
  const isLanded = landedBy(sql);
  const groups = new Map<string, (typeof rows)[number][]>();
  for (const one of rows) {
    const { incarnation, partition } = one.row;
    const at = `${incarnation}/${partition}/${isLanded(one.row)}`;
    groups.set(at, [...(groups.get(at) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const all = group.map(({ row }) => row);
    const of = (kind: Kind) => group.filter((one) => one.kind === kind).map(({ row }) => row);
    const [first] = all as [Row];
    const offsets = all.map(({ offset }) => offset);
    const removed = new Set(all.filter(isRemoved).map(({ offset }) => offset)).size;
    return [
      ...[first.incarnation, first.partition, of("bronze").length, of("dlq").length, new Set(offsets).size],
      ...[removed, Math.min(...offsets), Math.max(...offsets), 0],
      ...[...countAndSum(of("bronze")), ...countAndSum(of("dlq"))],
      ...(sql.includes("AS landed") ? values(isLanded(first), of) : []),
    ];
  });
}

function values(landed: boolean, of: (kind: Kind) => Row[]): unknown[] {
  const changed = (kind: Kind) =>
    of(kind)
      .filter((row) => row.hash !== undefined && row.hash !== hashOf(kind, row))
      .map(({ offset }) => offset);
  const unhashed = [...of("bronze"), ...of("dlq")]
    .filter(({ hash }) => hash === undefined)
    .map(({ offset }) => offset);
  const least = (offsets: readonly number[]) => (offsets.length === 0 ? null : Math.min(...offsets));
  return [
    ...[landed ? 1 : 0, changed("bronze").length, changed("dlq").length],
    ...[least(changed("bronze")), least(changed("dlq"))],
    unhashed.length === 0 ? null : Math.max(...unhashed),
  ];
}

/** Rows of the account, by its incarnation and next offsets; all where SQL names none. */
function landedBy(sql: string): (row: Row) => boolean {
  const [, incarnation, pairs = ""] =
    /WHEN kafka_incarnation = (\d+) AND kafka_offset >= (?:CASE kafka_partition (.*?) ELSE 0 END|0) THEN 0/.exec(
      sql,
    ) ?? [];
  const nexts = pairsIn(pairs);
  return (row) =>
    incarnation === undefined ||
    row.incarnation !== Number(incarnation) ||
    row.offset < (nexts.get(row.partition) ?? 0);
}

const pairsIn = (text: string) =>
  new Map([...text.matchAll(/WHEN (\d+) THEN (\d+)/g)].map(([, a, b]) => [Number(a), Number(b)]));

/** What a run asks for of its branches: rows, hashes and their sum, by partition and table. */
export function hashesOf(landed: Landed): unknown[][] {
  return (["bronze", "dlq"] as const).flatMap((kind) => {
    const partitions = [...new Set(landed[kind].map(({ partition }) => partition))];
    return partitions.map((partition) => {
      const rows = landed[kind].filter((row) => row.partition === partition);
      return [partition, kind, rows.length, ...countAndSum(rows)];
    });
  });
}
