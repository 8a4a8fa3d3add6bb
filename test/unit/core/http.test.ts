import { describe, expect, it } from "vitest";
import { FormData, http } from "../../../src/core/http.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";
import { fakeServer } from "../../helpers/server.js";

describe("http", () => {
  it.each([200, 204, 404, 409, 500, 503])("gives status %d as an answer", async (status) => {
    const { url } = await fakeServer(() => ({ status, body: status === 204 ? "" : "said" }));
    expect(await http("Flink", url)).toEqual({ status, text: status === 204 ? "" : "said" });
  });

  it("sends method, path, headers and a JSON body as they are", async () => {
    const { url, requests } = await fakeServer(() => ({ body: "{}" }));
    await http("Flink", `${url}/a/b?c=d`, { method: "PATCH", body: '{"é":1}', headers: { "x-y": "z" } });
    expect(requests).toMatchObject([
      {
        method: "PATCH",
        path: "/a/b?c=d",
        body: '{"é":1}',
        headers: { "content-type": "application/json", "x-y": "z" },
      },
    ]);
  });

  it("sends a form as multipart", async () => {
    const { url, requests } = await fakeServer(() => ({ body: "" }));
    const form = new FormData();
    form.append("jarfile", new Blob(["PK"]), "job.jar");
    await http("Flink", url, { method: "POST", body: form });
    expect(requests[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(requests[0]?.body).toContain('name="jarfile"; filename="job.jar"');
  });

  it("names the endpoint and the reason when nobody listens", async () => {
    const [port] = await freePorts(1);
    const error = await problemOf(() => http("Flink", `http://127.0.0.1:${port}/jobs?secret=1`));
    expect(error).toMatchObject({ kind: "unavailable", code: "http_unreachable" });
    expect(error.hint).toContain("pipectl status");
    expect(error.message).toBe(
      `Flink does not answer on http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it("gives up on a server that never answers", async () => {
    const { url } = await fakeServer(() => undefined);
    const error = await problemOf(() => http("Flink", url, { timeoutMs: 50 }));
    expect(error.code).toBe("http_unreachable");
    expect(error.message).toBe(`Flink does not answer on ${url}: no answer within 0.05 s`);
  });

  it("gives up on an answer that stops in the middle", async () => {
    const { url } = await fakeServer(() => (response) => void response.writeHead(200).write("half"));
    const error = await problemOf(() => http("Flink", url, { timeoutMs: 100 }));
    expect(error.message).toBe(`Flink does not answer on ${url}: no answer within 0.1 s`);
  });

  it("reports a connection that is cut in the middle of an answer", async () => {
    const { url } = await fakeServer(() => (response) => {
      response.writeHead(200, { "content-length": "100" }).write("half");
      setImmediate(() => response.destroy());
    });
    expect((await problemOf(() => http("Flink", url))).code).toBe("http_unreachable");
  });

  it("ends with the reason of the abort, not with an error about the server", async () => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const { url } = await fakeServer(() => {
      stop.abort(reason);
      return undefined;
    });
    await expect(http("Flink", url, { signal: stop.signal })).rejects.toBe(reason);
    await expect(http("Flink", url, { signal: stop.signal })).rejects.toBe(reason);
  });
});
