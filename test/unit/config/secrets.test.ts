import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { problemOf } from "../../helpers/problem.js";

/** One that is stricter than those there are, to hold the masking. */
const secret = {
  section: "Test",
  default: "",
  doc: "a password that exists in this test only",
  schema: z.string().regex(/^([a-z0-9]{8,})?$/, "at least 8 lower-case letters and digits"),
  secret: true,
};

async function withSecret() {
  vi.resetModules();
  vi.doMock("../../../src/config/schema.js", async (original) => {
    const schema = await original<typeof import("../../../src/config/schema.js")>();
    return { ...schema, keys: { ...schema.keys, S3_SECRET_KEY: secret } };
  });
  const [{ loadConfig }, { configEntries }, { envExample }] = await Promise.all([
    import("../../../src/config/load.js"),
    import("../../../src/config/entries.js"),
    import("../../../src/config/env-example.js"),
  ]);
  const load = (value: string) => loadConfig({ root: "/nowhere", environment: { S3_SECRET_KEY: value } });
  return { load, configEntries, envExample };
}

afterEach(() => {
  vi.doUnmock("../../../src/config/schema.js");
  vi.resetModules();
});

describe("a secret", () => {
  it("is masked where the settings are shown, and only when it is set", async () => {
    const { load, configEntries } = await withSecret();
    const entry = (value: string) =>
      configEntries(load(value)).find(({ key }) => (key as string) === "S3_SECRET_KEY");
    expect(entry("hunter2hunter2")).toMatchObject({ value: "********", source: "environment" });
    expect(entry("")).toMatchObject({ value: "", source: "default" });
    expect(JSON.stringify(configEntries(load("hunter2hunter2")))).not.toContain("hunter2");
  });

  it("is not in the error about it: only its length is", async () => {
    const { load } = await withSecret();
    // The module graph is new, and so is its PipectlError.
    const error = await problemOf(() => load("HUNTER2!")).catch((thrown: Error) => thrown);
    expect(error.message).toContain(
      "S3_SECRET_KEY (environment) is a value of 8 characters, but must be at least 8 lower-case letters and digits",
    );
    expect(error.message).not.toContain("HUNTER2");
  });

  it("has no value in .env.example", async () => {
    const { envExample } = await withSecret();
    expect(envExample()).toMatch(/\nS3_SECRET_KEY=\n/);
  });
});
