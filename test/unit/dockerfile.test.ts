import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../helpers/folder.js";

const read = (name: string) => readFileSync(join(root, name), "utf8");
const dockerfile = read("Dockerfile");
const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?/gm)].map(([, base, name]) => ({
  base,
  name,
}));
const node = /^ARG NODE=node:(\d+)\.\S+$/m.exec(dockerfile);

describe("Dockerfile", () => {
  it("begins with images of one version, and a Node that package.json takes", () => {
    const own = ["scratch", ...stages.map(({ name }) => name)];
    const foreign = stages
      .map(({ base }) => base)
      .filter((base) => !own.includes(base) && !base?.startsWith("$"));
    // The same as that of Flink's image.
    expect(foreign).toEqual([/^FROM (maven:\S+)/m.exec(read("flink/Dockerfile"))?.[1]]);
    expect(node?.[0]).toMatch(/=node:\d+\.\d+\.\d+-alpine\d+\.\d+$/);
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    expect(Number(node?.[1])).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
  });

  it("ends as a user without a name, of the group that may write where its files are", () => {
    expect([...dockerfile.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user)).toEqual(["10001:0"]);
  });

  it("takes from the folder only what .dockerignore lets through", () => {
    const ignore = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(ignore[0]).toBe("*");
    const through = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
      .flatMap(([, paths = ""]) => paths.split(" "))
      .map((path) => path.replace(/\/$/, ""));
    for (const path of copied.filter((path) => path !== "flink")) expect(through).toContain(path);
    expect(through.filter((path) => path.startsWith("flink/")).length).toBeGreaterThan(1);
  });
});
