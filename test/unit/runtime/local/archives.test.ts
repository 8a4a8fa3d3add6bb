import { mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { archiveOptions, recordArchive } from "../../../../src/runtime/local/archives.js";
import { temporaryFolder } from "../../../helpers/folder.js";

const base = temporaryFolder();
const { signal } = new AbortController();
let count = 0;
let stateDir = "";
let jar = "";
/** A Java whose `jcmd` does what the test says. */
let java = { file: "", major: 17, version: "17.0.15" };
const folder = () => join(stateDir, "lib", "cds");

beforeEach(async () => {
  stateDir = join(base, String(++count));
  const bin = join(stateDir, "bin");
  mkdirSync(bin, { recursive: true });
  jar = join(stateDir, "a.jar");
  writeFileSync(jar, "jar");
  java = { file: join(bin, "java"), major: 17, version: "17.0.15" };
  await jcmdDoes('printf classes > "$4"');
});

async function jcmdDoes(script: string): Promise<void> {
  const path = join(stateDir, "bin", "jcmd");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

const options = async (of = java) => (await archiveOptions(stateDir, "kafka", of, [jar])).at(-1);
const record = async (of = java) =>
  await recordArchive(stateDir, { pid: 1, name: "kafka", memoryBytes: 0 }, "kafka", of, [jar], signal);

describe("a class-data archive", () => {
  it("is recorded once, by a running JVM, and used from the next start on", async () => {
    expect(await options()).toBe("-XX:+RecordDynamicDumpInfo");
    expect(await record()).toBe(true);
    const [file] = await readdir(folder());
    expect(await options()).toBe(`-XX:SharedArchiveFile=${join(folder(), file as string)}`);
    expect(await record()).toBe(false);
  });

  it("is verified by the JVM that maps it: one that is damaged would end it", async () => {
    await record();
    expect(await archiveOptions(stateDir, "kafka", java, [jar])).toContain("-XX:+VerifySharedSpaces");
  });

  it.each([
    [
      "another build of Java",
      () => {
        java = { ...java, version: "17.0.16" };
      },
    ],
    ["a jar that has changed", () => writeFileSync(jar, "another jar")],
    ["a jar of another time", () => utimesSync(jar, 1, 1)],
  ])("is not used with %s, and makes room for the next", async (_name, change) => {
    await record();
    const [old] = await readdir(folder());
    change();
    expect(await options()).toBe("-XX:+RecordDynamicDumpInfo");
    expect(await record()).toBe(true);
    const files = await readdir(folder());
    expect(files).toHaveLength(1);
    expect(files).not.toContain(old);
  });

  it("is not used when it was cut off: a JVM would map it, and die", async () => {
    await record();
    const [file] = await readdir(folder());
    truncateSync(join(folder(), file as string), 3);
    expect(await options()).toBe("-XX:+RecordDynamicDumpInfo");
    expect(await record()).toBe(true);
  });

  it.each([
    ["it cannot", "echo 'Unable to dump' >&2"],
    ["it fails half-way", 'printf cla > "$4"; exit 1'],
    ["there is no such tool", 'rm "$0"; exit 127'],
  ])("is not made when %s, and nothing is left", async (_name, script) => {
    await jcmdDoes(script);
    expect(await record()).toBe(false);
    expect(await readdir(folder())).toEqual([]);
  });
});
