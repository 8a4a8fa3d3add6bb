import { randomBytes } from "node:crypto";
import type { Passing, Reply } from "./passing.js";

export interface OAuthRules {
  readonly id: string;
  readonly secret: string;
  /** The only scope that it knows; clients must ask for it. */
  readonly scope?: string | undefined;
  /** Seconds that a token is good for. */
  readonly expiresS: number;
  /** `/v1/oauth/tokens` unless told: that of Iceberg's specification. */
  readonly path?: string | undefined;
}

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";

/** Hands out tokens for client credentials, renews one that is still good, and knows which ones are. */
export function oauthServer() {
  const tokens = new Map<string, number>();
  const isGood = (token: string) => (tokens.get(token) ?? 0) > Date.now();

  return {
    /** The answer to a request for a token; undefined when it is none. */
    async answer(rules: OAuthRules, passing: Passing): Promise<Reply | undefined> {
      if (passing.path.split("?")[0] !== (rules.path ?? "/v1/oauth/tokens")) return undefined;
      const form = new URLSearchParams(await passing.body());
      const grant = form.get("grant_type");
      if (grant !== "client_credentials" && grant !== exchange)
        return problem(400, "unsupported_grant_type", `grant_type is ${grant}`);
      const renews = grant === exchange && isGood(form.get("subject_token") ?? "");
      if (!renews && !knows(rules, passing, form))
        return problem(401, "invalid_client", "Client authentication failed");
      if (rules.scope !== undefined && form.get("scope") !== rules.scope)
        return problem(400, "invalid_scope", "The requested scope is invalid or unknown");
      const token = randomBytes(24).toString("base64url");
      tokens.set(token, Date.now() + rules.expiresS * 1_000);
      const issued = grant === exchange ? { issued_token_type: form.get("subject_token_type") } : {};
      return {
        status: 200,
        body: { access_token: token, token_type: "bearer", expires_in: rules.expiresS, ...issued },
      };
    },

    /** Why a request with this header may not pass; undefined when it may. */
    refusal(authorization: string | undefined): string | undefined {
      const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
      if (token === undefined) return "Not authorized: there is no token";
      if (!tokens.has(token)) return "Not authorized: the token is not valid";
      return isGood(token) ? undefined : "Not authorized: the token has expired";
    },
  };
}

/** Id and secret come in the form or as basic authentication; the specification allows both. */
function knows({ id, secret }: OAuthRules, { headers }: Passing, form: URLSearchParams): boolean {
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  return (
    headers.authorization === basic || (form.get("client_id") === id && form.get("client_secret") === secret)
  );
}

const problem = (status: number, error: string, description: string): Reply => ({
  status,
  body: { error, error_description: description },
});
