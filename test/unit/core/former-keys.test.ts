import { expect, it } from "vitest";
import { withFormerKeys } from "../../../src/core/former-keys.js";

it("keeps the keys of earlier versions beside those of now, however deep, and no other", () => {
  const lines = [{ incarnation: 1, partition: 0 }];
  const document = { lines, samples: { kafka_incarnation: "0" }, none: null, text: "incarnation" };
  expect(JSON.stringify(withFormerKeys(document))).toBe(
    '{"lines":[{"incarnation":1,"epoch":1,"partition":0}],"samples":{"kafka_incarnation":"0","kafka_epoch":"0"},"none":null,"text":"incarnation"}',
  );
});
