import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { changesSinceBase, choose, tableAt } from "../../../.ci/select.mjs";
import { parseTable } from "../../../.ci/table.mjs";
import { temporaryFolder } from "../../helpers/folder.js";

const folder = temporaryFolder();

/** A repository with two files and one commit. */
function repository() {
  const root = mkdtempSync(join(folder, "repository-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  const write = (path: string, text: string) => writeFileSync(join(root, path), text);
  const commit = (message: string) => {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD");
  };
  git("init", "-q", "-b", "main");
  for (const path of ["src", ".ci"]) mkdirSync(join(root, path));
  write("src/a.ts", "a\n");
  write("src/b.ts", "b\n");
  return { root, git, write, commit, first: commit("first") };
}

const changed = (root: string) => {
  const found = changesSinceBase(root);
  return "unknown" in found ? found.unknown : [...found.files].sort();
};

describe("changes since the base", () => {
  it("are what was committed, what was not, and what git does not know yet, under both names of a moved file", () => {
    const { root, write, commit, first } = repository();
    write(".ci/base", `${first}\n`);
    expect(changesSinceBase(root)).toEqual({ base: first, files: [".ci/base"] });
    renameSync(join(root, "src/a.ts"), join(root, "src/c.ts"));
    commit("moved");
    write("src/b.ts", "another\n");
    write("src/größe 1.ts", "new\n");
    expect(changed(root)).toEqual([".ci/base", "src/a.ts", "src/b.ts", "src/c.ts", "src/größe 1.ts"]);
    rmSync(join(root, "src/b.ts"));
    expect(changed(root)).toContain("src/b.ts");
  });

  it("nobody knows without a base", () => {
    const { root, write } = repository();
    expect(changesSinceBase(root)).toEqual({ unknown: "there is no .ci/base" });
    write(".ci/base", "main\n");
    expect(changesSinceBase(root)).toEqual({ unknown: ".ci/base does not hold a commit" });
  });

  it("nobody knows where the base is not an ancestor", () => {
    const { root, git, write, commit, first } = repository();
    const other = commit("on another branch");
    git("reset", "-q", "--hard", first);
    commit("here");
    write(".ci/base", other);
    const unknown = `${other.slice(0, 12)}, the commit of .ci/base, is not an ancestor of HEAD`;
    expect(changesSinceBase(root)).toEqual({ unknown });
  });

  it("nobody knows where the clone is too shallow to have the base", () => {
    const { root, write, commit, first } = repository();
    write(".ci/base", first);
    commit("second");
    const clone = join(mkdtempSync(join(folder, "clone-")), "it");
    execFileSync("git", ["clone", "-q", "--depth", "1", pathToFileURL(root).href, clone]);
    const unknown = `this clone does not have ${first.slice(0, 12)}, the commit of .ci/base`;
    expect(changesSinceBase(clone)).toEqual({ unknown });
  });

  it("nobody knows outside of a repository", () => {
    const root = mkdtempSync(join(folder, "plain-"));
    mkdirSync(join(root, ".ci"));
    writeFileSync(join(root, ".ci", "base"), "0".repeat(40));
    expect(changesSinceBase(root)).toHaveProperty("unknown");
  });
});

describe("choose", () => {
  const text = `
    all package.json
    suite core
      when always
      run npm cit
      seconds 1
      paths docs src/ui
    suite kill
      run vitest test/chaos/kill.test.ts
      seconds 1
      paths src/ledger src/pipeline/ingest
    suite stream
      run vitest test/chaos/stream.test.ts
      seconds 1
      paths src/ledger src/pipeline/stream
    suite long
      when nightly
      run vitest test/chaos/long.test.ts
      seconds 1
      paths src/ledger
  `;
  const table = parseTable(text);
  const chosen = (...files: string[]) => choose(table, files, table).chosen;

  it("is the core where nothing else hangs on the change", () => {
    expect(chosen()).toEqual(["core"]);
    expect(chosen("docs/a.md", "src/ui/table.ts")).toEqual(["core"]);
  });

  it("adds each suite that one of the files chooses, never a nightly one", () => {
    expect(chosen("src/pipeline/ingest/bronze.ts")).toEqual(["core", "kill"]);
    expect(chosen("src/ledger/account.ts", "docs/a.md")).toEqual(["core", "kill", "stream"]);
  });

  it("adds the suite whose own test has changed", () => {
    expect(chosen("test/chaos/stream.test.ts")).toEqual(["core", "stream"]);
  });

  it("is everything for a file that no suite names: a new room, or one with a longer name", () => {
    for (const file of ["src/pipeline/new/a.ts", "src/pipeline/streams/a.ts", "test/chaos/new.test.ts"]) {
      const { chosen, why } = choose(table, ["docs/a.md", file], table);
      expect([file, chosen]).toEqual([file, ["core", "kill", "stream"]]);
      expect(why).toBe(`${file} has changed, and no suite names it`);
    }
  });

  it("is everything for a file on which everything hangs", () => {
    expect(chosen("package.json")).toEqual(["core", "kill", "stream"]);
  });

  it("adds each suite that is new in the table, or whose entry was another one", () => {
    const since = (before: string) => choose(table, [], parseTable(before)).chosen;
    expect(since(text.replace("suite kill", "suite others"))).toEqual(["core", "kill"]);
    for (const other of ["src/ledger src/pipeline/stream\n      needs stack", "src/pipeline/stream"])
      expect(since(text.replace("src/ledger src/pipeline/stream", other))).toEqual(["core", "stream"]);
    expect(since(text.replace("kill.test.ts", "more.test.ts"))).toEqual(["core", "kill"]);
    expect(since(text.replace("when nightly", ""))).toEqual(["core"]);
    expect(since(text.replaceAll("seconds 1", "seconds 2"))).toEqual(["core"]);
    expect(since("")).toEqual(["core", "kill", "stream"]);
  });
});

describe("the table of the base", () => {
  it("is that of the commit, and has no suite where it cannot be read", () => {
    const { root, write, commit, first } = repository();
    const suite = "suite a\n  run x\n  seconds 1\n";
    write(".ci/suites", suite);
    const base = commit("a table");
    write(".ci/suites", "suite");
    const broken = commit("a broken one");
    expect(tableAt(root, base)).toEqual(parseTable(suite));
    for (const none of [first, broken]) expect(tableAt(root, none).suites).toEqual([]);
  });
});
