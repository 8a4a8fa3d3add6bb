import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { fakePrograms } from "../../helpers/programs.js";

const folder = temporaryFolder();
const programs = fakePrograms();

const reports = "flink/cluster/target/surefire-reports";
/** Each suite leaves a line in `ran`; `broken` passes once there is a file `mended`. */
const suites = `
all package.json
suite core
  when always
  run echo core >>ran; mkdir -p ${reports}; echo 'Tests run: 2, Failures: 0, Errors: 0, Skipped: 0' >${reports}/a.txt;
  run echo '3 passed, 0 failed'
  needs stack
  seconds 9
  paths docs .ci .gitignore
suite kill
  run echo kill >>ran; echo "1 passed, 0 failed, 1 skipped"
  needs stack
  seconds 9
  paths src
suite broken
  when nightly
  run echo broken >>ran; [ -e build/mended ] && echo '1 passed, 0 failed'
  needs stack
  seconds 9
`;

/** A project of its own with the scripts of this one, and everything committed. */
function project() {
  const path = mkdtempSync(join(folder, "project-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      cwd: path,
      encoding: "utf8",
    }).trim();
  const write = (file: string, text: string) => writeFileSync(join(path, file), text);
  const commit = () => {
    git("add", "-A");
    git("commit", "-q", "-m", "it");
    return git("rev-parse", "HEAD");
  };
  cpSync(join(root, ".ci"), join(path, ".ci"), { recursive: true });
  for (const made of ["src", "docs", "build"]) mkdirSync(join(path, made));
  write(".ci/suites", suites);
  write(".gitignore", "build/\nran\nflink/\n");
  write("src/a.ts", "a");
  const base = join(path, ".ci", "base");
  if (existsSync(base)) execFileSync("rm", [base]);
  git("init", "-q", "-b", "main");
  commit();
  const ci = async (...args: string[]) => {
    const PATH = `${programs({ npm: "echo npm >>ran" })}:${process.env.PATH}`;
    write("ran", "");
    const { exitCode, stdout } = await execa(process.execPath, [join(path, ".ci", "main.mjs"), ...args], {
      ...{ cwd: path, reject: false, env: { PATH, CHAOS_SEED: "7", CI_ALL: "0" } },
    });
    const ran = readFileSync(join(path, "ran"), "utf8").split("\n").filter(Boolean);
    return { exitCode, ran, stdout, last: stdout.split("\n").at(-1) };
  };
  return {
    ci,
    write,
    commit,
    base: () => (existsSync(base) ? readFileSync(base, "utf8").trim() : undefined),
  };
}

describe(".ci/run", () => {
  it("runs all suites of the day without a base; its counts are the last line, its time is before", async () => {
    const { ci } = project();
    const all = await ci("run");
    expect(all).toMatchObject({ exitCode: 0, ran: ["core", "kill"], last: "6 passed, 0 failed, 1 skipped" });
    expect(all.stdout).toContain("there is no .ci/base: core kill\n");
    expect(all.stdout).toMatch(/\n\d+ s in all\n\n6 passed, 0 failed, 1 skipped$/);
  });

  it("fails with the suite that fails, and shows its seed", async () => {
    const { ci, write, commit } = project();
    write(".ci/suites", suites.replace("when nightly", "when changes"));
    commit();
    const { exitCode, last, stdout } = await ci("run");
    expect([exitCode, last]).toEqual([1, "6 passed, 1 failed, 1 skipped"]);
    expect(stdout).toContain("== broken failed (CHAOS_SEED=7):");
    expect(stdout).toMatch(/^broken +failed +\d+ s +0 passed, 1 failed +ended with exit code 1$/m);
  });
});

describe(".ci/nightly", () => {
  it("goes on where it was for the same commit, and moves the base once all was green", async () => {
    const { ci, write, commit, base } = project();
    write("src/a.ts", "another");
    const head = commit();
    expect(await ci("nightly")).toMatchObject({ exitCode: 1, ran: ["core", "kill", "broken"] });
    expect(base()).toBeUndefined();
    write("build/mended", "");
    const again = await ci("nightly");
    expect(again).toMatchObject({
      exitCode: 0,
      ran: ["npm", "npm", "broken"],
      last: "7 passed, 0 failed, 1 skipped",
    });
    expect(again.stdout).toMatch(/^core +run +\d+ s +5 passed, 0 failed +passed before, at this commit$/m);
    expect(base()).toBe(head);

    // From here on .ci/run knows what has changed.
    write("docs/a.md", "new");
    const run = await ci("run");
    expect(run.ran).toEqual(["core"]);
    expect(run.stdout).toMatch(/^kill +not selected$/m);
    write(".ci/suites", suites.replace("echo kill", "echo another kill"));
    expect((await ci("run")).ran).toEqual(["core", "another kill"]);
    write(".ci/suites", suites);
    write("src/a.ts", "a third");
    expect((await ci("run")).ran).toEqual(["core", "kill"]);
    write("new-room.ts", "");
    expect((await ci("run")).stdout).toContain("new-room.ts has changed, and no suite names it: core kill\n");
  });

  it("of named suites runs these alone, each time, and leaves the base", async () => {
    const { ci, base } = project();
    for (const _ of [1, 2]) {
      expect(await ci("nightly", "kill")).toMatchObject({ exitCode: 0, ran: ["npm", "npm", "kill"] });
    }
    expect(base()).toBeUndefined();
    // What they have shown counts for the whole.
    expect((await ci("nightly")).ran).toEqual(["core", "broken"]);
    expect(await ci("nightly", "kil")).toMatchObject({ exitCode: 2, ran: [] });
  });

  it("remembers nothing, and leaves the base, while files are not committed", async () => {
    const { ci, write, base } = project();
    write("build/mended", "");
    write("src/a.ts", "not committed");
    for (const _ of [1, 2]) {
      expect(await ci("nightly")).toMatchObject({ exitCode: 0, ran: ["core", "kill", "broken"] });
    }
    expect(base()).toBeUndefined();
  });
});
