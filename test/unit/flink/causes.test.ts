import { describe, expect, it } from "vitest";
import { settingsBehind, wasNotCarriedOut } from "../../../src/flink/causes.js";

/** As Flink, Iceberg, Kafka and the storage servers of the tests have said them. */
describe("the settings behind a failure", () => {
  it.each([
    [
      'S3Exception: The authorization header is malformed; the region "eu-west-1" is wrong; expecting "eu-central-7" (Service: S3, Status Code: 400)',
      "S3_REGION",
    ],
    [
      "S3Exception: The request signature we calculated does not match (Service: S3, Status Code: 403)",
      "S3_SECRET_KEY",
    ],
    [
      "NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404)",
      "CATALOG_WAREHOUSE",
    ],
    ["SdkClientException: Unable to load region from any of the providers in the chain", "S3_REGION"],
    [
      "SaslAuthenticationException: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512",
      "KAFKA_PASSWORD",
    ],
    ["SslAuthenticationException: SSL handshake failed", "KAFKA_CA_FILE"],
    ["TopicAuthorizationException: Not authorized to access topics: [taxi.raw_trips]", "KAFKA_USERNAME"],
    ["NotAuthorizedException: Not authorized: the token has expired", "CATALOG_TOKEN"],
    ["ForbiddenException: Forbidden: Principal 'reader' is not authorized", "CATALOG_TOKEN"],
    ["NoClassDefFoundError: software/amazon/awssdk/services/s3/model/S3Exception", "iceberg-aws-bundle"],
  ])("%s", (reason, settings) => {
    expect(settingsBehind(reason)).toContain(settings);
  });

  it("are not made up", () => {
    expect(settingsBehind("AccessDeniedException: /data/warehouse/bronze")).toBeUndefined();
    expect(settingsBehind('NumberFormatException: For input string: "x"')).toBeUndefined();
  });
});

describe("a query that failed", () => {
  it.each([
    "AskTimeoutException: Ask timed out on [Actor[pekko://flink/user/rpc/dispatcher_0#1]] after [10000 ms].",
    "TimeoutException: Heartbeat of TaskManager with id taskmanager-1_3 timed out.",
    "TimeoutException: Invocation of [RemoteRpcInvocation(TaskExecutorGateway.submitTask(…))] timed out.",
    "NoResourceAvailableException: Could not acquire the minimum required resources.",
    "RemoteTransportException: Lost connection to task manager '127.0.0.1/127.0.0.1:41235'.",
    "ConnectException: Connection refused",
    "OutOfMemoryError: Java heap space",
    "SqlGatewayException: Session 'b1c2' does not exist.",
    "S3Exception: Access Denied (Service: S3, Status Code: 403)",
  ])("was not carried out: %s", (reason) => {
    expect(wasNotCarriedOut(reason)).toBe(true);
  });

  it.each([
    "FileNotFoundException: File file:/data/warehouse/bronze/raw_trips/data/0.parquet does not exist",
    "NotFoundException: Failed to open input stream for file: s3://b/0.parquet",
    "NoSuchKeyException: The specified key does not exist. (Service: S3, Status Code: 404)",
    "RuntimeException: file:/w/0.parquet is not a Parquet file. Expected magic number at tail",
    "EOFException: Reached the end of stream with 48213 bytes left to read",
    "ValidationException: Object 'x' not found",
    "DateTimeException: Invalid date",
  ])("met something in the rows, the files or the query: %s", (reason) => {
    expect(wasNotCarriedOut(reason)).toBe(false);
  });
});
