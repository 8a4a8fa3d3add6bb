import { z } from "zod";
import { countShape, snapshotShape, streamMarkShape } from "../lake/record-shapes.js";

/** The same with its epoch under the name of now, in the same place. */
const named = <T extends { readonly epoch: unknown }>({ epoch, ...rest }: T) => ({
  incarnation: epoch as T["epoch"],
  ...rest,
});

/** A partition of version 1: of the one incarnation that it knew. Versions up to 3 called it an epoch. */
const line1 = z.looseObject({
  partition: countShape,
  first: countShape,
  next: countShape,
  bronze: countShape,
  dlq: countShape,
});
const line2 = line1.extend({ epoch: countShape, withoutRecord: countShape, lost: countShape });
const line3 = line2.extend({ skipped: countShape });

const head = {
  epoch: countShape,
  topic: z.string(),
  run: z.string(),
  bronzeSnapshot: snapshotShape,
  dlqSnapshot: snapshotShape,
};
// Keys are written in this order. The topic comes first, so that it survives when the end of the text is cut off.
const account1 = z.looseObject({ version: z.literal(1), ...head, partitions: z.array(line1) });
const topicId = z.string().nullable();
const account2 = z.looseObject({ version: z.literal(2), topicId, ...head, partitions: z.array(line2) });
const account3 = z.looseObject({
  version: z.literal(3),
  topicId,
  ...head,
  partitions: z.array(line3),
  stream: streamMarkShape.exactOptional(),
});
const line4 = z.looseObject(named(line3.shape));
const head4 = { topicId, ...named(head) };
const account4 = z.looseObject({
  version: z.literal(4),
  ...head4,
  partitions: z.array(line4),
  stream: streamMarkShape.exactOptional(),
});

const anchorShape = z.looseObject({
  partition: countShape,
  offset: countShape,
  timestampMs: z.int(),
  checksum: countShape,
});
/** A number of 64 bits as SQL prints it. */
const bigintShape = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text), "is no number of 64 bits");
const hashSumShape = z.looseObject({
  rows: countShape,
  sum: bigintShape,
  changed: countShape.exactOptional(),
});
const line5 = line4.extend({
  hashes: z.looseObject({ bronze: hashSumShape, dlq: hashSumShape }).exactOptional(),
  foreign: countShape.exactOptional(),
});
const account5 = z
  .looseObject({
    version: z.literal(5),
    ...head4,
    hashForm: countShape.exactOptional(),
    partitions: z.array(line5),
    anchors: z.array(anchorShape).exactOptional(),
    stream: streamMarkShape.exactOptional(),
  })
  .superRefine(({ incarnation, partitions }, { addIssue }) => {
    const seen = new Set<string>();
    for (const [i, line] of partitions.entries()) {
      const path = ["partitions", i];
      const at = `${line.incarnation}/${line.partition}`;
      if (seen.has(at)) addIssue({ code: "custom", path, message: "is there twice" });
      if (line.next < line.first) addIssue({ code: "custom", path, message: "ends before it begins" });
      if (line.incarnation > incarnation)
        addIssue({ code: "custom", path, message: "is of an incarnation that has not begun" });
      if ((line.hashes?.bronze.rows ?? 0) > line.bronze || (line.hashes?.dlq.rows ?? 0) > line.dlq)
        addIssue({ code: "custom", path, message: "has more hashes than rows" });
      seen.add(at);
    }
  });

/** Version 1 knew one incarnation, and neither loss nor offsets without a record. */
const from1 = account1.transform((account) => ({
  ...account,
  version: 3 as const,
  topicId: null as string | null,
  partitions: account.partitions.map((line) => ({
    ...{ epoch: account.epoch, withoutRecord: 0, skipped: 0, lost: 0 },
    ...line,
  })),
}));

/** Version 2 had no streams, and so no skipped offsets. */
const from2 = account2.transform((account) => ({
  ...account,
  version: 3 as const,
  partitions: account.partitions.map((line) => ({ skipped: 0, ...line })),
}));

/** Version 3 called an incarnation an epoch. */
const from3 = account3.transform((account) => ({
  ...named(account),
  version: 4 as const,
  partitions: account.partitions.map(named),
}));

/** Version 4 kept no records to compare the topic with, and did not hash rows: an account that names no form has begun before that. */
const from4 = account4.transform((account) => ({ ...account, version: 5 as const }));

/** The versions of bronze's property `pipectl.account`. Only this file knows its format. */
export const accountVersions = {
  1: from1.pipe(from3).pipe(from4).pipe(account5),
  2: from2.pipe(from3).pipe(from4).pipe(account5),
  3: from3.pipe(from4).pipe(account5),
  4: from4.pipe(account5),
  5: account5,
};

/**
 * The topic of a damaged record, however it was cut off. A recreated topic has the same offsets, and nothing else
 * distinguishes its rows from the old ones. Undefined when the topic's id cannot be read.
 */
export function salvage(
  text: string,
): { readonly topicId: string; readonly incarnation: number } | undefined {
  const topicId = /"topicId":\s*"([^"]+)"/.exec(text)?.[1];
  if (topicId === undefined) return undefined;
  // The account's own is the highest: the lines have those of earlier topics, too.
  const found = [...text.matchAll(/"(?:incarnation|epoch)":\s*(\d{1,9})(?=[,}\s])/g)];
  return { topicId, incarnation: Math.max(0, ...found.map(([, number]) => Number(number))) };
}
