import { bronzeNow } from "./lake.mjs";
import { freshStack, pipectl, start, streaming, until } from "./stack.mjs";

/**
 * A new stack with a stream that commits at each interval, one file for each partition, and with records that come steadily
 * until `meanwhile` ends. Then all of them land, each once, and the stream is stopped.
 *
 * @param rate records per second
 */
export async function whileStreaming({ partitions, interval, rate }, meanwhile) {
  await freshStack(partitions);
  await pipectl(["process-streaming", "--via", "gateway"], streaming(interval));
  const records = start(["generate", "--mode", "realtime", "--rate", String(rate)]);
  const ended = records.catch(() => {});
  try {
    await meanwhile();
  } finally {
    records.kill("SIGINT");
    await ended;
  }
  await pipectl(["validate", "--deep", "--settle", "60s"], streaming(interval));
  await pipectl(["stop"], streaming(interval));
}

/** A stream may commit no more often. */
export const mostOften = "500ms";

/** A table as a stream leaves it: so many files, one for each partition and commit. @returns what its readers see */
export async function smallFiles(partitions, files) {
  await whileStreaming({ partitions, interval: mostOften, rate: 4_000 }, () =>
    untilBronze((bronze) => bronze.files >= files),
  );
  return await bronzeNow();
}

/** Setting up is not measured: a busy machine may take its time. */
export const untilBronze = async (look) => await until(async () => look(await bronzeNow()), 600);
