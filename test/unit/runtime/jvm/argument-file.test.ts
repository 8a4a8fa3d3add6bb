import { describe, expect, it } from "vitest";
import { argumentFile } from "../../../../src/runtime/jvm/argument-file.js";

/** As the `java` launcher reads a quoted word of an argument file: a backslash stands before the character it means. */
const wordsOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => {
      expect(line).toMatch(/^"(?:[^"\\]|\\.)*"$/);
      return line.slice(1, -1).replace(/\\(.)/g, "$1");
    });

describe("argumentFile", () => {
  const classPaths = {
    cluster: ["/my lib/a.jar", '/it\'s "here"/b.jar', "C:\\jars\\c.jar"],
    gateway: [],
    broker: ["/broker.jar"],
    catalog: [],
  };
  const log = { conf: "/my conf/log4j.properties", file: "/log/#1 $HOME.log" };

  it("keeps spaces, quotes, backslashes and signs in every word", () => {
    const spec = {
      classPath: "cluster",
      jvm: ["-Xmx1g", '-Dx="y z"'],
      main: "a.Main",
      args: ["--dir", "/a b", "#c", ""],
    } as const;
    expect(wordsOf(argumentFile(spec, classPaths, log, []))).toEqual([
      "-Xmx1g",
      '-Dx="y z"',
      "-Dlog4j.configurationFile=/my conf/log4j.properties",
      "-Dpipectl.log=/log/#1 $HOME.log",
      "-cp",
      '/my lib/a.jar:/it\'s "here"/b.jar:C:\\jars\\c.jar',
      "a.Main",
      "--dir",
      "/a b",
      "#c",
      "",
    ]);
  });

  it("takes the class path of its own kind", () => {
    const words = wordsOf(
      argumentFile({ classPath: "broker", jvm: [], main: "m", args: [] }, classPaths, log, []),
    );
    expect(words[words.indexOf("-cp") + 1]).toBe("/broker.jar");
  });
});
