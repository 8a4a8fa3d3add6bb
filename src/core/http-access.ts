import { rootCertificates } from "node:tls";

/** What an HTTP server wants of those who call it, and what is to be looked at when it refuses them. */
export interface Access {
  /** Sent with each request; asked for each time, because a token ends. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** Has the next `headers` be new ones. Where it is there, a request that was refused is made once more. */
  readonly renew?: () => void;
  /** PEM of an authority to trust besides the public ones. */
  readonly ca?: string;
  /** The settings, by what they are about. */
  readonly settings: {
    readonly address: string;
    readonly ca: string;
    readonly credentials: string;
  };
}

/** What is sent of a user and a password (RFC 7617), without the word `Basic`. */
export const basicAuth = (user: string, password: string) =>
  Buffer.from(`${user}:${password}`).toString("base64");

/** Every authority to trust: the public ones, as Node knows them, and our own. */
export const trusted = (ca: string | undefined): string[] | undefined =>
  ca === undefined ? undefined : [...rootCertificates, ca];

/** What OpenSSL and Node say when a certificate is not one to trust (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const untrusted = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "INVALID_CA",
]);

/** Why a TLS connection was not made, as a person would say it; undefined where it was something else. */
export function tlsTrouble(error: unknown): "untrusted" | "expired" | "other name" | "no TLS" | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code = "" } = at as NodeJS.ErrnoException;
    if (untrusted.has(code)) return "untrusted";
    if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return "expired";
    if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "other name";
    if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") return "no TLS";
  }
  return undefined;
}
