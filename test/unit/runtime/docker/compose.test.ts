import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Key } from "../../../../src/config/schema.js";
import type { RunOptions } from "../../../../src/core/exec.js";
import { compose } from "../../../../src/runtime/docker/compose.js";
import { root } from "../../../helpers/folder.js";
import { configOf } from "../../../helpers/workspace.js";

/** What Docker is called with for `compose ps`. */
async function callOf(flags: Partial<Record<Key, string>>, tag?: string, more: RunOptions = {}) {
  let seen: { args: readonly string[]; options: RunOptions } | undefined;
  const call = compose(
    async (args, options = {}) => {
      seen = { args, options };
      return "";
    },
    configOf(flags),
    "p",
    tag,
  );
  await call(["ps"], more);
  return seen as NonNullable<typeof seen>;
}
const variables = async (...args: Parameters<typeof callOf>) => (await callOf(...args)).options.env;

describe("compose", () => {
  it("names the project and the file, wherever it is called from", async () => {
    const { args } = await callOf({});
    const file = join(root, "docker-compose.yml");
    expect(args).toEqual(["compose", "-p", "p", "--project-directory", root, "-f", file, "ps"]);
  });

  it("moves every published port by PORT_OFFSET", async () => {
    expect(await variables({ PORT_OFFSET: "100", FLINK_PORT: "9999" })).toMatchObject({
      KAFKA_PORT: "9192",
      FLINK_PORT: "10099",
      GATEWAY_PORT: "8183",
      CATALOG_PORT: "8281",
      S3_PORT: "9100",
    });
  });

  it("gives a TaskManager its heap, and what Flink needs beside it", async () => {
    expect((await variables({ TASK_HEAP_MB: "2048" }))?.TASK_PROCESS_MB).toBe("3456");
  });

  it("has the credentials in the environment, and no word of them in the command line", async () => {
    const { args, options } = await callOf({
      S3_ACCESS_KEY: "access-hunter2",
      S3_SECRET_KEY: "secret-hunter2",
    });
    expect(options.env).toMatchObject({ S3_ACCESS_KEY: "access-hunter2", S3_SECRET_KEY: "secret-hunter2" });
    expect(args.join(" ")).not.toContain("hunter2");
  });

  it("has some where none are known, because Compose refuses the file without", async () => {
    const env = await variables({});
    for (const key of ["S3_ACCESS_KEY", "S3_SECRET_KEY"] as const) expect(env?.[key]).not.toBe("");
  });

  it("lets a call say more, and keeps its other options", async () => {
    const { signal } = new AbortController();
    const { options } = await callOf({}, "0a1b", {
      timeoutMs: 7,
      signal,
      env: { S3_ACCESS_KEY: "made-just-now" },
    });
    expect(options).toMatchObject({ timeoutMs: 7, signal });
    expect(options.env).toMatchObject({ S3_ACCESS_KEY: "made-just-now", FLINK_IMAGE_TAG: "0a1b" });
  });
});
