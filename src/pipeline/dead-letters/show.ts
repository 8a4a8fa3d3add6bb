import { usage } from "../../core/errors.js";
import { bytes } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Workspace } from "../../workspace/workspace.js";
import {
  byPlace,
  type DeadLetter,
  largestRow,
  placeOf,
  placesSql,
  readPage,
  type Source,
} from "./dead-letters.js";
import { paging } from "./pages.js";
import type { DeadLetterFilter } from "./reasons.js";
import { withDeadLetters } from "./rows.js";

/** Total bytes of keys and values, which are all in memory at once. */
const mostBytes = 64_000_000;

/**
 * The newest dead letters by Kafka's timestamp, newest first.
 *
 * @throws PipectlError (usage) `too_large` when their bytes exceed the limit
 */
export async function newestDeadLetters(
  workspace: Workspace,
  filter: DeadLetterFilter,
  most: number,
): Promise<readonly DeadLetter[]> {
  workspace.report({ type: "step", text: "Reading dead letters" });
  return (await withDeadLetters(workspace, filter, (source) => newestOf(source, most))) ?? [];
}

async function newestOf(source: Source, most: number): Promise<DeadLetter[]> {
  const order = "kafka_timestamp DESC, kafka_incarnation DESC, kafka_partition DESC, kafka_offset DESC";
  const { rows } = await source.session.query(
    `${placesSql(source)} ORDER BY ${order} LIMIT ${most}`,
    most,
    source.signal,
  );
  const places = rows.map(placeOf).sort(byPlace);
  const size = sum(places.map((place) => (place.keyBytes ?? 0) + (place.valueBytes ?? 0)));
  if (size > mostBytes) {
    throw usage(
      "too_large",
      `these ${places.length} dead letters have ${bytes(size)}; show takes up to ${bytes(mostBytes)}`,
      { hint: "a smaller number; or pipectl dlq export FILE" },
    );
  }
  // Each in its own range, because other dead letters may lie between two of the newest.
  const pages = paging(largestRow, "one by one");
  for (const place of places) pages.add(place);
  const deadLetters: DeadLetter[] = [];
  for (const page of pages.pages()) deadLetters.push(...(await readPage(source, page)));
  const newest = (a: DeadLetter, b: DeadLetter) =>
    a.timestamp === b.timestamp ? byPlace(b, a) : a.timestamp < b.timestamp ? 1 : -1;
  return deadLetters.sort(newest);
}
