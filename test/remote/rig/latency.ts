import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Server } from "./process.js";

export interface Latency extends Server {
  readonly port: number;
  /** Of a round trip, in milliseconds, for bytes that come from now on. */
  set(roundTripMs: number): void;
}

/**
 * Stands on `port` for whoever listens on `target`, as far away as a round trip takes: bytes arrive half of it later,
 * in each direction. A new connection costs one more, which the loopback address does not.
 */
export async function startLatency(port: number, target: number, roundTripMs: number): Promise<Latency> {
  let roundTrip = roundTripMs;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    const established = performance.now() + roundTrip;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.once("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.on("error", () => {});
      void carry(from, to, established);
    }
  });

  /** Each piece waits for its own time, behind the piece before it. */
  async function carry(from: Socket, to: Socket, established: number): Promise<void> {
    let before = Promise.resolve();
    const send = (act: () => void) => {
      const due = Math.max(performance.now(), established) + roundTrip / 2;
      before = before.then(async () => {
        const left = due - performance.now();
        if (left > 0) await delay(left);
        act();
      });
    };
    from.on("data", (piece) => send(() => to.writable && to.write(piece)));
    from.once("end", () => send(() => to.writable && to.end()));
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    set: (ms) => {
      roundTrip = ms;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
