import type { StreamKind } from "../../execution/stream-jobs.js";
import type { TopicOffsets } from "../../kafka/offsets.js";
import type { Tables } from "../../lake/tables.js";
import type { Account } from "../../ledger/account.js";
import type { Workspace } from "../../workspace/workspace.js";

/** What may be wrong. Public: scripts read it. */
export type Ailment =
  | "locks"
  | "stream_expired"
  | "foreign_commits"
  | "file_unreadable"
  | "rows_doubled"
  | "rows_elsewhere"
  | "rows_not_ours"
  | "account_untrusted"
  | "silver_untrusted";

/** Something that is wrong, and what is done about it. */
export interface Treatment {
  readonly finding: Ailment;
  /** `namespace.table`; null where it is not about one table. */
  readonly table: string | null;
  /** What is wrong. */
  readonly detail: string;
  readonly action: string;
  /** Records that are lost with it, because Kafka no longer has them; where it is not exact, the most that it can be. */
  readonly gone: number;
  /** What has to be brought up to date afterwards; bronze includes silver. */
  readonly after: "bronze" | "silver" | "nothing";
  /** Only for the owner of the lock "run", while no stream writes to the table. */
  carryOut(): Promise<void>;
}

/** What the looks have to go by. */
export interface Patient {
  readonly workspace: Workspace;
  readonly topic: TopicOffsets;
  /** As the looks before have decided that they should be: a table that is set back is at that snapshot. */
  readonly tables: Partial<Tables>;
  /** The account on record, whether it holds or not; undefined when there is none that can be read. */
  readonly account: Account | undefined;
  /** Streams that run. */
  readonly running: readonly StreamKind[];
}

/** The result of a look. */
export interface Seen {
  readonly treatments: readonly Treatment[];
  /** The tables for the looks that come after. */
  readonly tables?: Partial<Tables>;
  /** True when the looks after it have to wait until the treatments are carried out. */
  readonly hides?: boolean;
}

export type Look = (patient: Patient) => Promise<Seen>;

export const nothing: Seen = { treatments: [] };
