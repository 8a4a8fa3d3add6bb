import { describe, expect, it } from "vitest";
import { oauthToken } from "../../../src/core/oauth.js";
import { type CatalogAccess, icebergCatalog } from "../../../src/iceberg/catalog.js";
import { problemOf } from "../../helpers/problem.js";
import { type Answer, fakeServer, type SeenRequest } from "../../helpers/server.js";

const id = { namespace: "bronze", table: "raw_trips" };
const settings = { address: "CATALOG_URL", ca: "CATALOG_CA_FILE", credentials: "CATALOG_TOKEN" };
const notFound = { status: 404, body: { error: { message: "no such table" } } };

async function catalog(access: Partial<CatalogAccess>, answer: (request: SeenRequest) => Answer | undefined) {
  const server = await fakeServer((request) => answer(request) ?? notFound);
  const calls = () => server.requests.map(({ method, path }) => `${method} ${path}`);
  const lake = icebergCatalog(server.url, new AbortController().signal, { settings, ...access });
  return { lake, calls, requests: server.requests, url: server.url };
}
const configured = (body: object) => (request: SeenRequest) =>
  request.path.startsWith("/v1/config") ? { body } : undefined;

describe("a catalog that is not ours", () => {
  it("is asked once for the prefix of its paths, by the warehouse's name", async () => {
    const body = { overrides: { prefix: "main/a lake" }, defaults: { prefix: "other" } };
    const { lake, calls } = await catalog({ warehouse: "pro duction" }, configured(body));
    await Promise.all([lake.table(id), lake.table({ ...id, table: "dlq" })]);
    await lake.table(id);
    expect(calls()).toEqual([
      "GET /v1/config?warehouse=pro%20duction",
      "GET /v1/main/a%20lake/namespaces/bronze/tables/raw_trips",
      "GET /v1/main/a%20lake/namespaces/bronze/tables/dlq",
      "GET /v1/main/a%20lake/namespaces/bronze/tables/raw_trips",
    ]);
  });

  it("has the last word about the prefix, as in Iceberg itself; where it has none, ours counts, or none", async () => {
    const told = await catalog({ prefix: "p" }, configured({ defaults: { prefix: "d" } }));
    await told.lake.table(id);
    expect(told.calls()[1]).toBe("GET /v1/p/namespaces/bronze/tables/raw_trips");
    const overruled = await catalog({ prefix: "p" }, configured({ overrides: { prefix: "o" } }));
    await overruled.lake.table(id);
    expect(overruled.calls()[1]).toBe("GET /v1/o/namespaces/bronze/tables/raw_trips");
    const none = await catalog({}, configured({ defaults: {}, overrides: {} }));
    await none.lake.table(id);
    expect(none.calls()[1]).toBe("GET /v1/namespaces/bronze/tables/raw_trips");
  });

  it("is asked again when it could not say", async () => {
    let answers = 0;
    const { lake } = await catalog({}, ({ path }) =>
      path.startsWith("/v1/config")
        ? answers++ === 0
          ? { status: 503, body: {} }
          : { body: {} }
        : undefined,
    );
    await problemOf(() => lake.table(id));
    expect(await lake.table(id)).toBeUndefined();
  });

  it("that does not know the token names the setting", async () => {
    const { lake } = await catalog({}, () => ({ status: 401, body: { error: { message: "no" } } }));
    const error = await problemOf(() => lake.ping());
    expect(error).toMatchObject({ kind: "usage", code: "unauthorized" });
    expect(error.hint).toContain("CATALOG_TOKEN");
  });

  it("that lets nobody write says what is needed", async () => {
    const body = { error: { message: "Principal 'reader' is not authorized" } };
    const { lake } = await catalog({}, (request) =>
      request.method === "POST" ? { status: 403, body } : configured({})(request),
    );
    const error = await problemOf(() =>
      lake.createTable(id, { fields: [], partitionBy: [], properties: {} }),
    );
    expect(error).toMatchObject({ code: "catalog_forbidden" });
    expect(error.message).toContain("does not permit it: Principal 'reader'");
    expect(error.hint).toContain("CATALOG_TOKEN");
  });

  it("behind a gateway of Amazon: the reason may stand in its header alone, or in a body of its own form", async () => {
    const server = await fakeServer(() => (response) => {
      response.writeHead(403, { "x-amzn-errortype": "ExpiredTokenException:http://internal.amazon.com/" });
      response.end();
    });
    const lake = icebergCatalog(server.url, new AbortController().signal, { settings });
    expect((await problemOf(() => lake.ping())).message).toContain(
      "does not permit it: ExpiredTokenException",
    );
    const body = { message: "The security token included in the request is invalid" };
    const other = await catalog({}, () => ({ status: 403, body }));
    expect((await problemOf(() => other.lake.ping())).message).toContain(body.message);
  });

  it("that knows us no longer says so with its reason", async () => {
    const body = {
      error: { message: "Credentials have timed out", type: "AuthenticationTimeout", code: 419 },
    };
    const { lake, url } = await catalog({}, () => ({ status: 419, body }));
    const error = await problemOf(() => lake.ping());
    expect(error).toMatchObject({ kind: "usage", code: "unauthorized" });
    expect(error.message).toBe(
      `the Iceberg catalog at ${url} does not accept our credentials (HTTP 419: Credentials have timed out)`,
    );
  });

  it("behind a proxy: its refusal is shown, and its 404 is no word about a table", async () => {
    const refusing = await catalog({ prefix: "p" }, () => ({ status: 403, body: "<html>no entry</html>" }));
    expect((await problemOf(() => refusing.lake.table(id))).message).toContain("HTTP 403: <html>no entry");
    const lost = await catalog(
      {},
      (request) => configured({})(request) ?? { status: 404, body: "<html>nothing here</html>" },
    );
    expect((await problemOf(() => lost.lake.table(id))).message).toContain("does not answer with JSON");
  });
});

describe("a token by OAuth2 client credentials", () => {
  /** Hands out `token-1`, `token-2`, …; lets in whoever has the newest. */
  async function withOauth(
    lastsS: number,
    refuse: (form: URLSearchParams) => Answer | undefined = () => undefined,
  ) {
    let issued = 0;
    let valid = "";
    const server = await fakeServer(({ path, body, headers }) => {
      if (path === "/tokens") {
        const refusal = refuse(new URLSearchParams(body));
        if (refusal !== undefined) return refusal;
        valid = `token-${++issued}`;
        return { body: { access_token: valid, expires_in: lastsS } };
      }
      if (headers.authorization !== `Bearer ${valid}`) return { status: 419, body: {} };
      return path === "/v1/config" ? { body: {} } : notFound;
    });
    const oauth = { url: `${server.url}/tokens`, credential: "id:a:b/ü", scope: "lake" };
    const signal = new AbortController().signal;
    const lake = icebergCatalog(server.url, signal, { settings, ...oauthToken(oauth, settings) });
    const expire = () => {
      valid = "another";
    };
    return { lake, expire, tokens: () => issued, requests: server.requests };
  }

  it("is got once for all who ask meanwhile, with id, secret and scope", async () => {
    const { lake, tokens, requests } = await withOauth(3600);
    await Promise.all([lake.table(id), lake.table(id), lake.table(id)]);
    expect(tokens()).toBe(1);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "id",
      client_secret: "a:b/ü",
      scope: "lake",
    });
    expect(requests[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });

  it("is got anew when it has ended before its time, and when its time is over", async () => {
    const { lake, expire, tokens } = await withOauth(3600);
    await lake.table(id);
    expire();
    expect(await lake.table(id)).toBeUndefined();
    expect(tokens()).toBe(2);
    const short = await withOauth(0);
    await short.lake.table(id);
    await short.lake.table(id);
    // One for each request: the first is for the catalog's configuration.
    expect(short.tokens()).toBe(3);
  });

  it("that is refused says which settings to check, and is asked for again later", async () => {
    let right = false;
    const { lake } = await withOauth(3600, () =>
      right
        ? undefined
        : { status: 400, body: { error: "invalid_scope", error_description: "unknown scope" } },
    );
    const error = await problemOf(() => lake.table(id));
    expect(error.message).toMatch(/OAuth2 server at .*\/tokens gives no token \(HTTP 400\): unknown scope/);
    expect(error.hint).toContain("CATALOG_SCOPE");
    right = true;
    expect(await lake.table(id)).toBeUndefined();
  });
});
