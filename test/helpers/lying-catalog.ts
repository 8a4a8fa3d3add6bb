import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { vi } from "vitest";
import type { Random } from "../../src/dataset/synthetic/random.js";

/** What it does with a commit, and what it answers. `lost` is sent on to nobody. */
export const lies = [
  ...["200, lost", "500, made", "503, made", "504, made", "no answer, made", "late, made", "twice"],
  ...["500, lost", "503, lost", "504, lost", "no answer, lost", "other totals"],
] as const;
export type Lie = (typeof lies)[number];

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** A commit to one table; transactions over several are used by nobody here. */
const isCommit = ({ method, url = "" }: IncomingMessage) =>
  method === "POST" && /\/namespaces\/[^/]+\/tables\/[^/]+$/.test(url);
const isLook = ({ method, url = "" }: IncomingMessage) =>
  method === "GET" && /\/namespaces\/[^/]+\/tables\/[^/]+(\?.*)?$/.test(url);

/**
 * A proxy before a catalog, as a broken gateway, a cache or a failing database are one: it commits and says that it did not, or
 * the other way round. It passes everything on until it is told to lie, and then lies as the seed has it.
 *
 * @param target port of the catalog on this machine
 * @param random what it draws from
 * @param lateMs how late an answer is; drawn unless told
 */
export async function lyingCatalog(target: number, random: Random, lateMs?: number) {
  const told: string[] = [];
  let lying = { share: 0, of: lies as readonly Lie[], stale: 0, toEngines: false };
  const seen = new Map<string, Answer>();

  const ask = async (method: string, path: string, headers: IncomingMessage["headers"], body: Buffer) =>
    await new Promise<Answer>((resolve, reject) => {
      const { host: _host, "content-length": _length, "transfer-encoding": _coding, ...kept } = headers;
      // Without compression, so that an answer can be told again as it was.
      const asked = { ...kept, "accept-encoding": "identity", "content-length": String(body.length) };
      const onward = request(
        { port: target, host: "127.0.0.1", method, path, headers: asked },
        async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk as Buffer);
          resolve({ status: answer.statusCode ?? 500, body: Buffer.concat(chunks) });
        },
      );
      onward.on("error", reject);
      onward.end(body);
    });
  const say = (response: ServerResponse, { status, body }: Answer) => {
    response.writeHead(status, { "content-type": "application/json", "content-length": String(body.length) });
    response.end(body);
  };
  const failure = (status: number): Answer => ({
    status,
    body: Buffer.from(JSON.stringify({ error: { message: "out of luck", type: "Unlucky", code: status } })),
  });

  const answerCommit = async (from: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const { url = "", headers } = from;
    const send = async (what = body) => await ask("POST", url, headers, what);
    const lie =
      lying.share > random.below(1_000) / 1_000 ? lying.of[random.below(lying.of.length)] : undefined;
    if (lie === undefined) return say(response, await send());
    told.push(`${url.split("/").at(-1)}: ${lie}`);
    if (lie === "200, lost") return say(response, await ask("GET", url, headers, Buffer.alloc(0)));
    if (lie === "other totals") return say(response, await send(otherTotals(body, 1 + random.below(20))));
    const first = lie.endsWith("lost") ? undefined : await send();
    if (lie === "twice") return say(response, await send());
    if (lie.startsWith("no answer")) return response.destroy();
    if (lie === "late, made") {
      await delay(lateMs ?? 1_000 + random.below(4_000));
      return say(response, first as Answer);
    }
    return say(response, failure(Number(lie.slice(0, 3))));
  };

  const server = createServer(async (from, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of from) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (isCommit(from)) return await answerCommit(from, response, body);
      const { method = "GET", url = "", headers } = from;
      const old = seen.get(url);
      if (isLook(from) && old !== undefined && lying.stale > random.float()) {
        told.push(`${url.split("/").at(-1)}: an old answer`);
        return say(response, old);
      }
      const answer = await ask(method, url, headers, body);
      if (isLook(from) && answer.status === 200) seen.set(url, answer);
      say(response, answer);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: String((server.address() as AddressInfo).port),
    /** What it has said so far that was not so: a failing test shows it. */
    told,
    /** @param share of commits that it lies about, of 1; @param stale share of looks that get an answer of before */
    lie: (share: number, of: readonly Lie[] = lies, stale = 0) => {
      lying = { share, of, stale, toEngines: false };
    },
    /** Lies once about the next commit of an engine that brings rows to a table, and returns when that is done. */
    once: async (lie: Lie, table: string) => {
      const before = told.length;
      lying = { share: 1, of: [lie], stale: 0, toEngines: true };
      const done = () => told.slice(before).includes(`${table}: ${lie}`);
      await vi.waitUntil(done, { timeout: 90_000, interval: 20 });
      lying = { ...lying, share: 0 };
    },
    honest: () => {
      lying = { ...lying, share: 0, stale: 0 };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The commit with totals that do not follow from what its snapshot adds; ids are larger than JavaScript's numbers, so it is text. */
const otherTotals = (body: Buffer, more: number): Buffer =>
  Buffer.from(
    body.toString("utf8").replace(/("total-records"\s*:\s*")(\d+)"/g, (_all, key: string, total: string) => {
      return `${key}${Number(total) + more}"`;
    }),
  );
