import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findJava, javaEnvironment } from "../../../../src/runtime/jvm/java.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";

const folder = temporaryFolder();
let homes = 0;

/** A folder with `bin/java` that prints this to standard error. */
function javaHome(says: string, exitCode = 0): string {
  const home = join(folder, `home ${++homes}`);
  mkdirSync(join(home, "bin"), { recursive: true });
  const script = `#!/bin/sh\ncat >&2 <<'END'\n${says}\nEND\nexit ${exitCode}\n`;
  writeFileSync(join(home, "bin", "java"), script, { mode: 0o755 });
  return home;
}
/** The shell that the fake programs need, and nothing else. */
const onPath = (home: string) => ({ PATH: `${join(home, "bin")}:/usr/bin:/bin` });
const version = (text: string) =>
  `openjdk version "${text}" 2025-04-15\nOpenJDK Runtime Environment (build ${text}+6)`;

describe("findJava", () => {
  it.each([
    ["17", 17],
    ["17.0.15", 17],
    ["21.0.2", 21],
    ["22-ea", 22],
  ])("takes Java %s", async (text, major) => {
    const home = javaHome(version(text));
    const said = version(text);
    expect(await findJava(onPath(home))).toEqual({ file: "java", major, version: said });
    expect(await findJava({ JAVA_HOME: home, PATH: "/usr/bin:/bin" })).toEqual({
      file: join(home, "bin", "java"),
      major,
      version: said,
    });
  });

  it.each([
    ["1.8.0_292", 8],
    ["11.0.22", 11],
    ["25", 25],
    ["24.0.1", 24],
  ])("refuses Java %s and says which it needs", async (text, major) => {
    const error = await problemOf(() => findJava(onPath(javaHome(version(text)))));
    expect(error).toMatchObject({ kind: "unavailable", code: "java_version", exitCode: 3 });
    expect(error.message).toContain(`java is Java ${major}, but Flink 2.1 needs Java 17 to`);
    expect(error.hint).toContain("JAVA_HOME");
  });

  it("reads the version behind a line that the JVM prints first", async () => {
    const home = javaHome(`Picked up JAVA_TOOL_OPTIONS: -Xmx1g\n${version("17.0.1")}`);
    expect((await findJava(onPath(home))).major).toBe(17);
  });

  it("says that there is none, neither on PATH nor where JAVA_HOME points", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const none = await problemOf(() => findJava({ PATH: empty }));
    expect(none).toMatchObject({ code: "java_missing", exitCode: 3 });
    expect(none.message).toBe(
      "there is no Java on this machine: JAVA_HOME is not set and java is not on PATH",
    );
    const wrong = await problemOf(() => findJava({ ...onPath(javaHome(version("17"))), JAVA_HOME: empty }));
    expect(wrong.message).toBe(`JAVA_HOME is ${empty}, but there is no ${join(empty, "bin", "java")}`);
  });

  it("prefers JAVA_HOME to PATH, and takes an empty JAVA_HOME for none", async () => {
    const path = onPath(javaHome(version("21")));
    const home = javaHome(version("17"));
    expect((await findJava({ ...path, JAVA_HOME: home })).major).toBe(17);
    expect((await findJava({ ...path, JAVA_HOME: "" })).major).toBe(21);
  });

  it.each([
    ["the macOS stub", "The operation couldn't be completed. Unable to locate a Java Runtime.", 1],
    ["a version that is none", "gij (GNU libgcj)", 0],
  ])("shows what %s says", async (_name, says, exitCode) => {
    const error = await problemOf(() => findJava(onPath(javaHome(says, exitCode))));
    expect(error.code).toBe("java_missing");
    expect(error.message).toBe(`java -version failed: ${says}`);
  });

  it("does not say 'not on PATH' of a java in JAVA_HOME that may not be run", async () => {
    const home = join(folder, "not executable");
    mkdirSync(join(home, "bin"), { recursive: true });
    writeFileSync(join(home, "bin", "java"), "no program", { mode: 0o644 });
    const error = await problemOf(() => findJava({ JAVA_HOME: home, PATH: "/usr/bin:/bin" }));
    expect(error.message).not.toContain("JAVA_HOME is not set");
  });
});

it("passes on only what a program is found and run with", () => {
  const environment = {
    PATH: "/bin",
    JAVA_HOME: "",
    HOME: "/root",
    AWS_SECRET_ACCESS_KEY: "hunter2",
    MAVEN_OPTS: undefined,
  };
  expect(javaEnvironment(environment)).toEqual({ PATH: "/bin", HOME: "/root" });
});
