import { parentPort, workerData } from "node:worker_threads";
import { pack } from "./packed.js";
import { synthesize } from "./synthesize.js";

// The thread that aside.ts starts. It makes one chunk per message, and ends after the last chunk.
const chunks = synthesize(workerData.dataset, workerData.options)[Symbol.iterator]();
parentPort?.on("message", () => {
  const { value, done } = chunks.next();
  if (done) return parentPort?.close();
  const packed = pack(value);
  parentPort?.postMessage(packed, [packed.bytes]);
});
