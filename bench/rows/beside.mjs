import { agesOfRows } from "../freshness.mjs";
import { bronzeNow } from "../lake.mjs";
import { at, line, sorted } from "../measure.mjs";
import { untilBronze, whileStreaming } from "../small-files.mjs";
import { pipectl } from "../stack.mjs";

const stream = { partitions: 25, interval: "1s", rate: 2_000 };
const quietSeconds = 40;

/**
 * What a stream has of a compaction beside it: freshness of the records that were produced while one ran, against those
 * produced while none did, in turns. In each quiet time the stream makes a thousand small files for the next compaction.
 */
export async function beside(rounds) {
  const times = { without: [], "while compact-bronze runs": [] };
  let attempts = 0;
  await whileStreaming(stream, async () => {
    await untilBronze(({ rows }) => rows >= 40_000);
    const quiet = async () => {
      const { rows } = await bronzeNow();
      await untilBronze((now) => now.rows >= rows + quietSeconds * stream.rate);
    };
    const compact = async () => {
      const [bronze] = (await pipectl(["compact-bronze"])).tables;
      if (bronze.snapshot === null) throw new Error("nothing was compacted");
      attempts += bronze.attempts;
    };
    await compact();
    for (let i = 0; i < rounds; i++) {
      times.without.push(await timed(quiet));
      times["while compact-bronze runs"].push(await timed(compact));
    }
  });
  const ages = await agesOfRows();
  const within = (spans) =>
    ages.filter(({ produced }) => spans.some(([from, to]) => produced >= from && produced < to));
  const [without, during] = Object.values(times).map((spans) => sorted(within(spans).map(({ age }) => age)));
  const shares = (all) => [0.5, 0.9, 0.99, 1].map((share) => at(all, share).toFixed(2));
  const lengths = times["while compact-bronze runs"].map(([from, to]) => ((to - from) / 1000).toFixed(1));
  return [
    line(
      "freshness p99, 2,000/s: beside compact-bronze / without",
      at(during, 0.99) / at(without, 0.99),
      { most: 1.5 },
      {
        "without: p50, p90, p99, most": shares(without),
        "while compact-bronze runs": shares(during),
        "seconds of each compaction": lengths,
        "attempts in all": [attempts],
      },
    ),
  ];
}

/** When something began and ended, by the clock that records are stamped with. */
async function timed(action) {
  const from = Date.now();
  await action();
  return [from, Date.now()];
}
