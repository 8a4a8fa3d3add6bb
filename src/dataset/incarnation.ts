import { renamedIn } from "../core/sql-names.js";

/**
 * The column of bronze and dead letters that tells a topic from the one of the same name before it: 0, and one more each time
 * the topic was deleted and made again (an incarnation, in the words of KIP-516).
 */
export const incarnationColumn = "kafka_incarnation";

/** What pipectl called it at first: tables, manifests and marts of that time say so. Kafka's epochs are something else. */
export const formerIncarnationColumn = "kafka_epoch";

/** SQL of whatever time under the name of now. */
export const underNameOfNow = (sql: string): string =>
  renamedIn(sql, formerIncarnationColumn, incarnationColumn);

/** SQL as it was before the column got its name: what was recorded of SQL at that time still compares. */
export const underFormerName = (sql: string): string =>
  renamedIn(sql, incarnationColumn, formerIncarnationColumn);

/** True where SQL of now uses the column. */
export const namesIncarnation = (sql: string): boolean => underFormerName(sql) !== sql;
