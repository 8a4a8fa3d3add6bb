import { expect, it } from "vitest";
import { renamedIn } from "../../../src/core/sql-names.js";

it.each([
  ["a name", "kafka_epoch >= 0", "now >= 0"],
  ["a quoted name, behind a table's", "b.`kafka_epoch`, b.kafka_epoch", "b.`now`, b.now"],
  [
    "no longer name",
    "kafka_epochs + my_kafka_epoch + kafka_epoch_2",
    "kafka_epochs + my_kafka_epoch + kafka_epoch_2",
  ],
  ["no name of another case, which is another one to Flink", "KAFKA_EPOCH", "KAFKA_EPOCH"],
  [
    "no text, also with quotes in it",
    "x = 'it''s kafka_epoch' AND kafka_epoch = 1",
    "x = 'it''s kafka_epoch' AND now = 1",
  ],
  ["no comment", "-- kafka_epoch\n/* kafka_epoch */ kafka_epoch", "-- kafka_epoch\n/* kafka_epoch */ now"],
  ["no longer quoted name", "`a kafka_epoch`, `kafka_epoch``s`", "`a kafka_epoch`, `kafka_epoch``s`"],
])("changes %s", (_what, sql, expected) => {
  expect(renamedIn(sql, "kafka_epoch", "now")).toBe(expected);
});
