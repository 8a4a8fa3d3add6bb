import { expect, it } from "vitest";
import { sqlClientSpec, sqlGatewaySpec } from "../../../../src/runtime/jvm/sql-gateway.js";

it("the gateway listens on the loopback only, and the SQL client goes there", () => {
  const hosts = sqlGatewaySpec(8090).args.filter((word) => /address=/.test(word));
  expect(hosts).toHaveLength(2);
  for (const word of hosts) expect(word).toMatch(/address=127\.0\.0\.1$/);
  expect(sqlGatewaySpec(8090).args.join(" ")).toContain("rest.port=8090");
  expect(sqlClientSpec(8090).args.join(" ")).toContain("127.0.0.1:8090");
});
