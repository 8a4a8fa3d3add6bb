import type { IncomingMessage } from "node:http";

/** A request that may still be changed on its way, and what is said to it in place of the server behind. */
export interface Passing {
  readonly method: string;
  /** With the query; from where the server behind has its root. */
  path: string;
  readonly headers: IncomingMessage["headers"];
  /** Reads the body, which then cannot go on to the server behind. */
  readonly body: () => Promise<string>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The error of a service that talks JSON, in the form of Iceberg's REST specification. */
export const errorReply = (status: number, type: string, message: string): Reply => ({
  status,
  body: { error: { message, type, code: status } },
});

export const unauthorized = (message: string): Reply => ({
  ...errorReply(401, "NotAuthorizedException", message),
  headers: { "www-authenticate": "Bearer" },
});
