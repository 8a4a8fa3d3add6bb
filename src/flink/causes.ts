/**
 * Messages of Flink's processes when a server refuses them or lacks something, and the settings that cause them. Flink names the
 * exception, but none of pipectl's settings.
 */
const known: readonly (readonly [sign: RegExp, what: string])[] = [
  [
    /NoSuchBucket|bucket does not exist|ContainerNotFound|FilesystemNotFound|container does not exist/i,
    "CATALOG_WAREHOUSE: its bucket is not there",
  ],
  [
    /region ["']?[\w-]+["']? is wrong|AuthorizationHeaderMalformed|PermanentRedirect|Unable to load region|must be addressed using the specified endpoint/i,
    "S3_REGION",
  ],
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|Unable to load credentials|\(Service: S3, Status Code: 403|\bAccess Denied\b/i,
    "S3_ACCESS_KEY and S3_SECRET_KEY, or the rights of Flink's own identity",
  ],
  [/SaslAuthenticationException|invalid credentials with SASL/i, "KAFKA_USERNAME and KAFKA_PASSWORD"],
  [
    /PKIX path building failed/,
    "the trust store of Flink's JVMs: the catalog's or the storage's certificate is of a private authority",
  ],
  [/SslAuthenticationException/, "KAFKA_CA_FILE"],
  [
    /TopicAuthorizationException|GroupAuthorizationException|Not authorized to access/i,
    "the rights (ACLs) of KAFKA_USERNAME",
  ],
  [
    /iceberg\.exceptions\.NotAuthorizedException|^NotAuthorizedException|OAuthTokenException/,
    "CATALOG_TOKEN or CATALOG_CREDENTIAL: wrong or expired",
  ],
  [
    /^ForbiddenException|iceberg\.exceptions\.ForbiddenException/,
    "the rights of CATALOG_TOKEN or CATALOG_CREDENTIAL",
  ],
  [
    /software[./]amazon[./]awssdk/,
    "Flink's lib folder: iceberg-aws-bundle is not there; pipectl doctor looks for every jar",
  ],
];

/** The settings that cause a failure, as the end of a sentence that begins with "check"; undefined for an unknown failure. */
export function settingsBehind(reason: string): string | undefined {
  return known.find(([sign]) => sign.test(reason))?.[1];
}

/** Messages about a process that did not answer another one in time or was lost, and about slots, memory and disks. */
const notCarriedOut = new RegExp(
  [
    "TimeoutException|Timed out|Heartbeat of|no longer reachable|is shutting down|Connection (refused|reset)",
    "(Connect|Socket|UnknownHost|NoRouteToHost|RecipientUnreachable|RemoteTransport|PartitionConnection)Exception",
    "NoResourceAvailableException|minimum required resources|OutOfMemoryError|Insufficient number of network buffers",
    "No space left on device|Disk quota exceeded|Service(Unavailable|Failure)Exception|Session '[^']*' does not exist",
  ].join("|"),
  "i",
);
const fileGone = /NoSuchKey|FileNotFoundException|^NotFoundException/;

/**
 * True where a message of Flink says that a query was not carried out, for a reason that is not in the rows: nothing was seen.
 * A data file that is missing or damaged is no such reason.
 */
export const wasNotCarriedOut = (reason: string): boolean =>
  !fileGone.test(reason) && (notCarriedOut.test(reason) || settingsBehind(reason) !== undefined);
