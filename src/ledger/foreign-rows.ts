import { plural } from "../core/format.js";
import { type LandingKind, landingKinds } from "../lake/definitions.js";
import { type HashSum, noHashes } from "../lake/hash-sum.js";
import { type Account, lineOf, type PartitionAccount, partitionName } from "./account.js";
import type { Found } from "./count-rows.js";

/** What is in a partition of the tables and is not what pipectl wrote. */
export interface ForeignRows {
  readonly incarnation: number;
  readonly partition: number;
  /** Rows whose hash does not fit their values: somebody has changed a value. Without those that were accepted. */
  readonly changed: number;
  readonly changedAt: number | undefined;
  /** Rows without a hash beyond those that are older than the first one, and those that were accepted. */
  readonly unhashed: number;
  /** Undefined where it is not known which of the rows without a hash are old. */
  readonly unhashedAt: number | undefined;
  /** Tables that have as many hashed rows as the account says, or more, and whose hashes do not add up to its sum. */
  readonly otherSums: readonly LandingKind[];
}

type Line = Pick<PartitionAccount, "bronze" | "dlq" | "hashes">;

const noLine: Line = { bronze: 0, dlq: 0 };

/** Rows that the account knows to have no hash: they are older than the first one, or were accepted. */
export const knownUnhashed = ({ bronze, dlq, hashes = noHashes }: Line): number =>
  bronze + dlq - hashes.bronze.rows - hashes.dlq.rows;

/**
 * Compares rows with the account that was recorded last. Rows that are gone are none of its business: counts show those. An
 * account that names no form of hashes is older than the first one, and one that cannot be read says nothing of rows without a
 * hash. Pure.
 *
 * @param found with values
 */
export function foreignRows(
  found: readonly Found[],
  account: Pick<Account, "hashForm" | "partitions"> | undefined,
): ForeignRows[] {
  return found
    .map((rows) => {
      const line = lineOf(account?.partitions, rows);
      return compared(rows, line ?? noLine, account?.hashForm !== undefined);
    })
    .filter(({ changed, unhashed, otherSums }) => changed + unhashed + otherSums.length > 0);
}

function compared(rows: Found, line: Line, isHashed: boolean): ForeignRows {
  const { incarnation, partition, hashes, values } = rows;
  const known = line.hashes ?? noHashes;
  const beyond = (has: number, knows: number) => Math.max(0, has - knows);
  const [changed, unhashed] = [
    (kind: LandingKind) => beyond(values?.changed[kind] ?? 0, known[kind].changed ?? 0),
    (kind: LandingKind) => beyond(rows[kind] - hashes[kind].rows, line[kind] - known[kind].rows),
  ].map((of) => of("bronze") + of("dlq")) as [number, number];
  const landed = values?.landed ?? noHashes;
  return {
    ...{ incarnation, partition, changed, changedAt: values?.changedAt },
    unhashed: isHashed ? unhashed : 0,
    unhashedAt: knownUnhashed(line) === 0 ? values?.unhashedAt : undefined,
    otherSums: isHashed ? landingKinds.filter((kind) => isOther(landed[kind], known[kind])) : [],
  };
}

/** With fewer rows some are gone, and then nothing is known of the sum of the others. */
const isOther = (found: HashSum, known: HashSum): boolean =>
  found.rows > known.rows || (found.rows === known.rows && found.sum !== known.sum);

/** Rows of a partition that are foreign for certain. A sum that differs does not tell how many. */
export const foreignCount = ({ changed, unhashed }: ForeignRows): number => changed + unhashed;

/** What is wrong, and where for example. Pure. */
export function foreignText(foreign: ForeignRows): string {
  const { changed, changedAt, unhashed, unhashedAt, otherSums } = foreign;
  const at = (offset: number | undefined) => (offset === undefined ? "" : ` (for example offset ${offset})`);
  const words = [
    changed === 0
      ? ""
      : `${plural(changed, "row has", "rows have")} another value than pipectl wrote${at(changedAt)}`,
    unhashed === 0
      ? ""
      : `${plural(unhashed, "row was", "rows were")} not written by pipectl${at(unhashedAt)}`,
    // Where rows are named, their sum says nothing new.
    changed + unhashed > 0 || otherSums.length === 0
      ? ""
      : `${otherSums.map((kind) => (kind === "bronze" ? "bronze rows" : "dead letters")).join(" and ")} are other ones than pipectl wrote: their hashes have another sum`,
  ];
  return `${partitionName(foreign)}: ${words.filter((text) => text !== "").join(", ")}`;
}
