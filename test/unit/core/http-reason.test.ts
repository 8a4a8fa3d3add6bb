import { expect, it } from "vitest";
import { reasonIn } from "../../../src/core/http-reason.js";

it.each([
  [
    "Iceberg's own",
    '{"error":{"message":"Table is locked\\n\\tat a.b","type":"X","code":403}}',
    {},
    "Table is locked",
  ],
  ["a gateway of Amazon", '{"message":"The security token is expired"}', {}, "The security token is expired"],
  [
    "its other spelling",
    '{"Message":"User is not authorized to perform glue:GetTable"}',
    {},
    "User is not authorized to perform glue:GetTable",
  ],
  ["OAuth2", '{"error":"invalid_client","error_description":"no such client"}', {}, "no such client"],
  ["OAuth2 without words", '{"error":"invalid_client"}', {}, "invalid_client"],
  [
    "an empty body and a header",
    "",
    { "x-amzn-errortype": "AccessDeniedException:http://internal" },
    "AccessDeniedException",
  ],
  [
    "both headers",
    "{}",
    { "x-amzn-errortype": "InvalidSignatureException", "x-amzn-error-message": "Signature expired" },
    "InvalidSignatureException: Signature expired",
  ],
  ["a page of a proxy", "<html>Forbidden</html>", {}, undefined],
  ["nothing", "", {}, undefined],
  ["null", "null", {}, undefined],
])("the reason of %s", (_whose, text, headers, reason) => {
  expect(reasonIn(text, headers)).toBe(reason);
});
