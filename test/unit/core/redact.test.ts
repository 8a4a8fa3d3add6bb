import { describe, expect, it } from "vitest";
import { redactor } from "../../../src/core/redact.js";

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

  it("hides single lines of a key", () => {
    const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    const key = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`;
    expect(redactor([key])(`bad PEM near ${line}`)).toBe("bad PEM near ********");
  });
});
