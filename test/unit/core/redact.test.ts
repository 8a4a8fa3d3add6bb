import { describe, expect, it } from "vitest";
import { redactor, withoutSecrets } from "../../../src/core/redact.js";

describe("what is shown", () => {
  const hide = redactor([`pa"ss\\w'ord`, "token-123", "abc"]);

  it.each([
    ["as it is", `said pa"ss\\w'ord.`],
    ["in a JAAS line", `password="pa\\"ss\\\\w'ord";`],
    ["in a JAAS line within SQL", `'password="pa\\"ss\\\\w''ord";'`],
    ["in SQL", `'pa"ss\\w''ord'`],
    ["in JSON", JSON.stringify({ said: `pa"ss\\w'ord` })],
    ["in a JAAS line within SQL within JSON", JSON.stringify(`'password="pa\\"ss\\\\w''ord";'`)],
    ["in a URL", `https://x?p=${encodeURIComponent(`pa"ss\\w'ord`)}`],
    ["twice", "token-123 token-123"],
  ])("holds no secret %s", (_where, text) => {
    const shown = hide(text);
    expect(shown).toContain("********");
    for (const part of ["ss\\w", "w'ord", "w''ord", "w%27", "token-123"]) expect(shown).not.toContain(part);
  });

  it("is otherwise what it was, also where a secret is too short to hide", () => {
    expect(hide("abc of nothing $& $1")).toBe("abc of nothing $& $1");
    expect(redactor([])("anything")).toBe("anything");
  });

  it("hides the longer one of two of which one is part of the other", () => {
    expect(redactor(["secret", "secret:longer"])("secret:longer and secret")).toBe("******** and ********");
  });

  it("hides what is left of a long one that was cut off", () => {
    const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4";
    expect(redactor([token])(`bearer '${token.slice(0, 40)}' is wrong`)).toBe("bearer '********' is wrong");
  });

  it("hides the texts of a result, and neither names nor numbers", () => {
    const result = { bronze: 1234, "1234": [true, null, "PIN 1234"], name: undefined };
    expect(withoutSecrets(result, redactor(["1234", "true", "bronze"]))).toEqual({
      ...{ bronze: 1234, "1234": [true, null, "PIN ********"] },
    });
  });

  it("hides single lines of a key", () => {
    const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    const key = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`;
    expect(redactor([key])(`bad PEM near ${line}`)).toBe("bad PEM near ********");
  });
});
