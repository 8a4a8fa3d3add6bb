import { parseExact } from "./json.js";

/** How servers write why they refuse: Iceberg's, that of a gateway of Amazon in its two spellings, OAuth2's. */
interface Words {
  readonly error?: { readonly message?: unknown } | string;
  readonly message?: unknown;
  readonly Message?: unknown;
  readonly error_description?: unknown;
}

/**
 * Why a server refuses, in its own words, in one line: from the body, or where that says nothing, from a header as Amazon's gateways
 * send it (apache/iceberg#5965, #13515). Undefined when it gives no reason.
 */
export function reasonIn(
  text: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): string | undefined {
  const body = parseExact(text) as Words | undefined | null;
  const { error, message, Message, error_description: description } = body ?? {};
  const said = [typeof error === "string" ? undefined : error?.message, description, message, Message, error];
  const kind = headers["x-amzn-errortype"]?.toString().split(":")[0];
  const inHeader = [kind, headers["x-amzn-error-message"] ?? headers["x-amzn-errormessage"]].filter(Boolean);
  const reason = said.find((one): one is string => typeof one === "string" && one !== "");
  const whole = reason ?? (inHeader.length > 0 ? inHeader.join(": ") : undefined);
  return whole?.split("\n")[0]?.slice(0, 300);
}
