import { type OAuthRules, oauthServer } from "./oauth.js";
import { errorReply, type Passing, type Reply, unauthorized } from "./passing.js";

/** How a catalog that others operate differs from Iceberg's plain one. */
export interface CatalogRules {
  readonly oauth?: OAuthRules | undefined;
  /** The name that clients must ask `/v1/config` for; another one is not found. */
  readonly warehouse?: string | undefined;
  /** Everything lies below `/v1/<prefix>/`, as `/v1/config` says. */
  readonly prefix?: string | undefined;
  readonly readOnly?: boolean | undefined;
  /** False: it has no commit of several tables at once, and `/v1/config` does not name it. */
  readonly transactions?: boolean | undefined;
}

interface Config {
  readonly defaults?: Record<string, string>;
  readonly overrides?: Record<string, string>;
  readonly endpoints?: readonly string[];
}

const commitOfSeveral = "/transactions/commit";

/** @returns what says the guard's answer, or lets the request pass, perhaps to another path */
export function catalogGuard(
  target: string,
): (rules: CatalogRules, passing: Passing) => Promise<Reply | undefined> {
  const oauth = oauthServer();
  return async (rules, passing) => {
    if (rules.oauth !== undefined) {
      const answer = await oauth.answer(rules.oauth, passing);
      if (answer !== undefined) return answer;
      const problem = oauth.refusal(passing.headers.authorization);
      if (problem !== undefined) return unauthorized(problem);
    }
    const url = new URL(passing.path, target);
    if (url.pathname === "/v1/config") return await config(target, rules, url);

    if (rules.prefix !== undefined) {
      const below = `/v1/${rules.prefix}/`;
      if (!passing.path.startsWith(below))
        return errorReply(404, "NotFoundException", `no such path: ${url.pathname}`);
      passing.path = `/v1/${passing.path.slice(below.length)}`;
    }
    if (rules.readOnly && !["GET", "HEAD"].includes(passing.method))
      return errorReply(403, "ForbiddenException", "Principal 'reader' is not authorized for this operation");
    if (rules.transactions === false && url.pathname.endsWith(commitOfSeveral))
      return errorReply(406, "UnsupportedOperationException", "This catalog commits one table at a time");
    return undefined;
  };
}

async function config(target: string, rules: CatalogRules, url: URL): Promise<Reply> {
  const asked = url.searchParams.get("warehouse");
  if (rules.warehouse !== undefined && asked !== rules.warehouse)
    return errorReply(404, "NotFoundException", `Unable to find warehouse ${asked ?? ""}`);
  const behind = (await (await fetch(new URL("/v1/config", target))).json()) as Config;
  const overrides = { ...behind.overrides, ...(rules.prefix === undefined ? {} : { prefix: rules.prefix }) };
  const endpoints = behind.endpoints?.filter(
    (endpoint) => rules.transactions !== false || !endpoint.endsWith(commitOfSeveral),
  );
  return {
    status: 200,
    body: { ...behind, overrides, ...(endpoints === undefined ? {} : { endpoints }) },
  };
}
