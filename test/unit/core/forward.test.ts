import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Forward, forward } from "../../../src/core/forward.js";

const pass = { name: "x-pass", value: "w0rd" };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers with what it was asked, and the way to it. */
async function wayTo(path = ""): Promise<Forward> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(418, { "content-type": "application/json" });
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const settings = { address: "A", ca: "B", credentials: "C" };
  const access = { headers: async () => ({ authorization: "Basic own" }), settings };
  const way = await forward(`http://127.0.0.1:${port}${path}`, access, pass);
  closing.push(way.close, () => server.close());
  return way;
}

describe("a port for a program of ours", () => {
  it("hands requests on, below the server's path and with what the server wants", async () => {
    const { port } = await wayTo("/flink");
    const response = await fetch(`http://127.0.0.1:${port}/jobs?x=1`, {
      method: "POST",
      headers: { [pass.name]: pass.value, "x-other": "stays" },
      body: "a".repeat(1_000_000),
    });
    expect(response.status).toBe(418);
    const { method, url, headers, body } = (await response.json()) as Record<string, unknown>;
    expect({ method, url, length: (body as string).length }).toEqual({
      method: "POST",
      url: "/flink/jobs?x=1",
      length: 1_000_000,
    });
    expect(headers).toMatchObject({ authorization: "Basic own", "x-other": "stays" });
    expect(headers).not.toHaveProperty(pass.name);
  });

  it("lets nobody in without the pass: other people of this machine reach it, too", async () => {
    const { port } = await wayTo();
    for (const headers of [{}, { [pass.name]: "wrong" }])
      expect((await fetch(`http://127.0.0.1:${port}/jobs`, { headers })).status).toBe(403);
  });

  it("breaks off where the server has, instead of waiting for ever", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const way = await forward(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined, pass);
    closing.push(way.close, () => server.close());
    const response = await fetch(`http://127.0.0.1:${way.port}/`, { headers: { [pass.name]: pass.value } });
    await expect(response.text()).rejects.toThrow();
  });

  it("says so when the server is not there", async () => {
    const way = await forward("http://127.0.0.1:1", undefined, pass);
    closing.push(way.close);
    const response = await fetch(`http://127.0.0.1:${way.port}/`, { headers: { [pass.name]: pass.value } });
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining("ECONNREFUSED")]);
  });
});
