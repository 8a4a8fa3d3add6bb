import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, startDetached, startDialogue } from "../../../src/core/exec.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();
const node = process.execPath;
const script = (text: string) => ["-e", text];

describe("run", () => {
  it("returns what the program said, whatever its exit code", async () => {
    const text = "console.log('out'); console.error('err'); process.exitCode = 3";
    expect(await run(node, script(text))).toEqual({ exitCode: 3, stdout: "out", stderr: "err" });
  });

  it("passes arguments, folder and environment as they are", async () => {
    const text = "console.log(JSON.stringify([process.argv.slice(1), process.cwd(), process.env.X]))";
    const result = await run(node, [...script(text), "a b", "$HOME;'\""], { cwd: folder, env: { X: "y z" } });
    expect(JSON.parse(result.stdout)).toEqual([["a b", "$HOME;'\""], folder, "y z"]);
  });

  it("gives the program no input to wait for", async () => {
    const result = await run(
      node,
      script("process.stdin.resume().on('end', () => console.log('end of input'))"),
    );
    expect(result.stdout).toBe("end of input");
  });

  it("says when the program is not there", async () => {
    const error = await problemOf(() => run("pipectl-no-such-program", []));
    expect(error).toMatchObject({ kind: "unavailable", code: "program_missing", hint: "pipectl doctor" });
    expect(error.message).toBe("pipectl-no-such-program is not on PATH");
  });

  it("says when the program may not be run", async () => {
    expect((await problemOf(() => run(folder, []))).code).toBe("program_failed");
  });

  it("ends a program that takes too long", async () => {
    const error = await problemOf(() => run(node, script("setInterval(() => {}, 1000)"), { timeoutMs: 100 }));
    expect(error).toMatchObject({ kind: "unavailable", code: "program_timeout" });
    expect(error.message).toContain("did not end within 100 ms");
  });

  it("ends a program with the reason of the abort", async () => {
    const reason = new Error("interrupted");
    const stop = new AbortController();
    const running = run(node, script("setInterval(() => {}, 1000)"), { signal: stop.signal });
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  it("does not say 'could not be started' of a program that a signal ended", async () => {
    const error = await problemOf(() => run(node, script("process.kill(process.pid, 'SIGKILL')")));
    expect(error.message).toContain("SIGKILL");
  });
});

describe("startDetached", () => {
  const start = (text: string, name: string) =>
    startDetached(node, script(text), { outputFile: join(folder, name), cwd: folder, env: { ONLY: "this" } });

  it("writes both outputs to a file that only the owner may read, and tells the exit code", async () => {
    const { pid, ended } = start("console.log('out'); console.error('err'); process.exit(4)", "a.out");
    expect(pid).toBeGreaterThan(0);
    expect(await ended).toBe(4);
    expect(readFileSync(join(folder, "a.out"), "utf8")).toBe("out\nerr\n");
    expect(statSync(join(folder, "a.out")).mode & 0o777).toBe(0o600);
  });

  it("gives the program its whole environment, and a process group of its own", async () => {
    const { pid, ended } = start("console.log(Object.keys(process.env).join())", "b.out");
    await ended;
    expect(readFileSync(join(folder, "b.out"), "utf8")).toBe("ONLY\n");
    const long = start("setInterval(() => {}, 1000)", "c.out");
    process.kill(-(long.pid as number), "SIGTERM");
    expect(await long.ended).toBe("SIGTERM");
    expect(long.pid).not.toBe(pid);
  });

  it("says through `ended` that the program is not there", async () => {
    const { pid, ended } = startDetached("pipectl-no-such-program", [], {
      outputFile: join(folder, "d.out"),
      cwd: folder,
      env: {},
    });
    expect(pid).toBeUndefined();
    expect((await problemOf(() => ended)).code).toBe("program_missing");
  });
});

describe("startDialogue", () => {
  const upperCase = `
    require("node:readline").createInterface({ input: process.stdin })
      .on("line", (line) => (line === "err" ? console.error("on stderr") : console.log(line.toUpperCase())))
      .on("close", () => process.exit(5))`;
  const talk = (text: string) => startDialogue(node, script(text), { cwd: folder, env: {} });
  const reader = (lines: AsyncIterable<string>) => {
    const iterator = lines[Symbol.asyncIterator]();
    return async () => (await iterator.next()).value as string | undefined;
  };

  it("answers line by line, from both outputs, and ends with the program's exit code", async () => {
    const dialogue = await talk(upperCase);
    const next = reader(dialogue.lines);
    dialogue.write("one\ntwo\n");
    expect([await next(), await next()]).toEqual(["ONE", "TWO"]);
    dialogue.write("err\n");
    expect(await next()).toBe("on stderr");
    expect(await dialogue.end()).toBe(5);
  });

  it("ends the lines when the program dies, and survives a write after that", async () => {
    const dialogue = await talk("console.log('last'); process.exit(1)");
    const next = reader(dialogue.lines);
    expect([await next(), await next()]).toEqual(["last", undefined]);
    dialogue.write("too late\n");
    expect(await dialogue.end()).toBe(1);
  });

  it("has no exit code after a kill", async () => {
    const dialogue = await talk("console.log('up'); setInterval(() => {}, 1000)");
    expect(await reader(dialogue.lines)()).toBe("up");
    dialogue.kill("SIGKILL");
    expect(await dialogue.end()).toBeUndefined();
  });

  it("puts the program into a process group of its own, so that Ctrl-C does not reach it", async () => {
    const dialogue = await talk("console.log(process.pid); setInterval(() => {}, 1000)");
    const pid = Number(await reader(dialogue.lines)());
    process.kill(-pid, "SIGTERM");
    expect(await dialogue.end()).toBeUndefined();
  });
});
