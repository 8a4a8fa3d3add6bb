import { describe, expect, it } from "vitest";
import { settingsBehind } from "../../../src/flink/causes.js";

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
