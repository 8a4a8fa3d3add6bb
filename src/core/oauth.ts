import { usage } from "./errors.js";
import { http } from "./http.js";
import type { Access } from "./http-access.js";

export interface OAuthClient {
  /** The token endpoint. */
  readonly url: string;
  /** `id:secret`, as Iceberg's own property `credential`. */
  readonly credential: string;
  readonly scope: string;
  readonly ca?: string;
}

/** A token is renewed so long before it expires. */
const marginMs = 10_000;

/**
 * A bearer token by OAuth2 client credentials (RFC 6749, 4.4), requested on first use and again when it expires.
 *
 * @throws PipectlError (usage) `unauthorized` when the credentials are refused
 */
export function oauthToken(
  client: OAuthClient,
  settings: Access["settings"],
): Required<Pick<Access, "headers" | "renew">> {
  let token: Promise<string> | undefined;
  let until = 0;
  const get = async () => {
    const { text, lastsMs } = await getToken(client, settings);
    until = Date.now() + lastsMs - Math.min(marginMs, lastsMs / 2);
    return text;
  };
  return {
    headers: async () => {
      if (token === undefined || until <= Date.now()) {
        // Concurrent callers wait for the same request.
        until = Number.POSITIVE_INFINITY;
        token = get();
        token.catch(() => {
          token = undefined;
        });
      }
      return { authorization: `Bearer ${await token}` };
    },
    renew: () => {
      token = undefined;
    },
  };
}

async function getToken(
  { url, credential, scope, ca }: OAuthClient,
  settings: Access["settings"],
): Promise<{ readonly text: string; readonly lastsMs: number }> {
  const colon = credential.indexOf(":");
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: credential.slice(0, colon),
    client_secret: credential.slice(colon + 1),
    scope,
  });
  const { status, text } = await http("the OAuth2 server", url, {
    method: "POST",
    body: form.toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    access: {
      settings: { ...settings, address: "CATALOG_OAUTH2_URL" },
      ...(ca === undefined ? {} : { ca }),
    },
  });
  const answer = parse(text);
  if (status === 200 && answer?.access_token !== undefined) {
    return { text: answer.access_token, lastsMs: (answer.expires_in ?? 3600) * 1000 };
  }
  const why = answer?.error_description ?? answer?.error ?? "no token in its answer";
  throw usage("unauthorized", `the OAuth2 server at ${url} gives no token (HTTP ${status}): ${why}`, {
    hint: "check CATALOG_CREDENTIAL, CATALOG_SCOPE and CATALOG_OAUTH2_URL",
  });
}

interface TokenBody {
  readonly access_token?: string;
  readonly expires_in?: number;
  readonly error?: string;
  readonly error_description?: string;
}

function parse(text: string): TokenBody | undefined {
  try {
    return JSON.parse(text) as TokenBody;
  } catch {
    return undefined;
  }
}
