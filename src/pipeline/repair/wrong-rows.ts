import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { TopicOffsets } from "../../kafka/offsets.js";
import { type LandingKind, landingKinds } from "../../lake/definitions.js";
import { asOf } from "../../lake/read-options.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, isRemade, readAccount, salvagedFrom } from "../../ledger/account.js";
import { countRows, type Found, type Read } from "../../ledger/count-rows.js";
import { foreignPositions } from "../../ledger/foreign-positions.js";
import { foreignCount, foreignRows } from "../../ledger/foreign-rows.js";
import { soundAccount } from "../../ledger/plausible.js";
import { doubledPositions, type Position, positionsOutside, rangesOf } from "../../ledger/positions.js";
import { type Room, roomsOf } from "../../ledger/rooms.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Ailment, nothing, type Patient, type Seen, type Treatment } from "./treatment.js";
import { onTable, ownJob } from "./unreadable.js";
import { accountTreatment } from "./wrong-numbers.js";

type Landed = Pick<Tables, LandingKind>;

/**
 * Counts every row by partition and offset. Rows that are there more than once, and rows of offsets that the topic never had,
 * have to go before the records can be counted; what the account says is compared with the rest.
 */
export async function wrongRows(patient: Patient): Promise<Seen> {
  const { workspace, topic, account } = patient;
  const { bronze, dlq } = patient.tables;
  if (bronze === undefined || dlq === undefined) return nothing;
  const tables = { bronze, dlq };
  const read: Read = {
    ...(bronze.current === undefined ? {} : { bronze: asOf(bronze.current.id) }),
    ...(dlq.current === undefined ? {} : { dlq: asOf(dlq.current.id) }),
  };
  const sound = soundAccount(account);
  const found = await countRows(workspace, tables, topic.partitions, read, { values: { account: sound } });
  const doubled = found.some((rows) => rows.bronze + rows.dlq > rows.offsets)
    ? await doubledPositions(workspace, tables, read)
    : { found: [], more: false };
  const rooms = tooSmall(knownRooms(patient, tables), found);
  const outside =
    rooms.length > 0 ? await positionsOutside(workspace, tables, read, rooms) : { found: [], more: false };
  const isOutside = new Set(outside.found.map(placeOf));
  const inside = doubled.found.filter((one) => !isOutside.has(placeOf(one)));
  // Rows that go anyhow have other hashes, too: what is left is looked at when they are gone.
  const named = outside.found.length + inside.length;
  const number = sum(foreignRows(found, sound).map(foreignCount));
  const foreign =
    named === 0 && number > 0
      ? await foreignPositions(workspace, tables, read, sound?.hashForm !== undefined)
      : { found: [], more: false };
  const treatments = [
    ...treatmentOf(workspace, tables, "rows_elsewhere", outside.found, []),
    ...foreignTreatment(workspace, tables, foreign.found, topic, account),
    ...treatmentOf(
      workspace,
      tables,
      "rows_doubled",
      inside.filter((one) => isInKafka(one, topic, account)),
      inside.filter((one) => !isInKafka(one, topic, account)),
    ),
  ];
  if (treatments.length > 0)
    return {
      treatments,
      hides: doubled.more || outside.more || foreign.more || (named > 0 && number > named),
    };
  return { treatments: accountTreatment(patient, tables, found) };
}

/** Rows of other programs, in places that the topic has. What Kafka no longer has of them is lost: nobody knows what it was. */
function foreignTreatment(
  workspace: Workspace,
  tables: Landed,
  strange: readonly Position[],
  topic: TopicOffsets,
  account: Account | undefined,
): Treatment[] {
  const [treatment] = treatmentOf(workspace, tables, "rows_not_ours", strange, []);
  if (treatment === undefined) return [];
  const gone = strange.filter((one) => !isInKafka(one, topic, account)).length;
  const lost = gone === 0 ? "" : `, but for ${count(gone)} that Kafka no longer has`;
  return [{ ...treatment, gone, action: `${treatment.action}${lost}` }];
}

const placeOf = ({ incarnation, partition, offset }: Omit<Position, LandingKind>) =>
  `${incarnation}/${partition}/${offset}`;

/** Where rows may come from, as far as that can be told: of a damaged account only the topic is left. */
function knownRooms({ account, topic }: Patient, { bronze, dlq }: Landed): Room[] {
  const known = account ?? salvagedFrom(bronze);
  if (known === undefined) return [];
  const inKafka = isRemade(known, topic) ? undefined : topic;
  if (account === undefined) return roomsOf({ ...known, partitions: [] }, inKafka);
  return roomsOf(streamedAccount(bronze, dlq) ?? account, inKafka);
}

/** The account with what its stream has appended; undefined when it does not hold. */
function streamedAccount(bronze: Landed["bronze"], dlq: Landed["dlq"]): Account | undefined {
  try {
    return readAccount(bronze, dlq);
  } catch {
    return undefined;
  }
}

/** The rooms that have rows outside. */
const tooSmall = (rooms: readonly Room[], found: readonly Found[]): Room[] =>
  rooms.filter(({ incarnation, partition, first, end }) =>
    found.some(
      (rows) =>
        rows.incarnation === incarnation &&
        rows.partition === partition &&
        (rows.min < first || rows.max >= end),
    ),
  );

function isInKafka(
  { incarnation, partition, offset }: Position,
  topic: TopicOffsets,
  account: Account | undefined,
) {
  if (account === undefined || isRemade(account, topic) || incarnation !== account.incarnation) return false;
  const inKafka = topic.partitions.find((one) => one.partition === partition);
  return inKafka !== undefined && offset >= inKafka.first && offset < inKafka.end;
}

/**
 * @param drop places of which every row goes: what the topic has of them is ingested again
 * @param once places of which one row stays, because nothing could bring it back
 */
function treatmentOf(
  workspace: Workspace,
  tables: Landed,
  finding: Ailment,
  drop: readonly Position[],
  once: readonly Position[],
): Treatment[] {
  const all = [...drop, ...once];
  const [first] = all;
  if (first === undefined) return [];
  const extra = sum(all.map(({ bronze, dlq }) => bronze + dlq - (finding === "rows_doubled" ? 1 : 0)));
  const where = `the first at partition ${first.partition}, offset ${count(first.offset)}`;
  const work = landingKinds.flatMap((kind) => {
    const gone = [
      ...drop.filter((one) => one[kind] > 0),
      // Bronze's row stays, if there is one.
      ...once.filter((one) => kind === "dlq" && one.bronze > 0 && one.dlq > 0),
    ];
    const stays = once.filter((one) => one[kind] > 1 && (kind === "bronze" || one.bronze === 0));
    if (gone.length + stays.length === 0) return [];
    return [{ ...onTable("rows", tables[kind]), drop: rangesOf(gone), once: rangesOf(stays) }];
  });
  const again = "remove them, and ingest again what the topic has of these offsets";
  const keep = `keep the oldest row of ${plural(once.length, "offset")} that Kafka no longer has`;
  return [
    {
      finding,
      table: null,
      detail:
        finding === "rows_doubled"
          ? `${plural(extra, "row")} too many, of ${plural(all.length, "offset")}, ${where}`
          : finding === "rows_not_ours"
            ? `${plural(extra, "row")} with other values than pipectl wrote, ${where}`
            : `${plural(extra, "row")} of offsets that the topic never had, ${where}`,
      action: [...(drop.length > 0 ? [again] : []), ...(once.length > 0 ? [keep] : [])].join("; "),
      gone: 0,
      after: "bronze",
      carryOut: async () => void (await ownJob(workspace, work)),
    },
  ];
}
