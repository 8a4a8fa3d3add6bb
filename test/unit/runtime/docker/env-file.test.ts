import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";
import { describe, expect, it } from "vitest";
import { putKeys } from "../../../../src/runtime/docker/env-file.js";
import { temporaryFolder } from "../../../helpers/folder.js";

const folder = temporaryFolder();
let files = 0;

/** What becomes of a `.env` in a folder of its own; `undefined` for none. */
async function put(before: string | undefined, keys: Record<string, string>) {
  const home = join(folder, String(++files));
  const path = join(home, ".env");
  mkdirSync(home);
  if (before !== undefined) writeFileSync(path, before, { mode: 0o644 });
  await putKeys(path, keys);
  const text = readFileSync(path, "utf8");
  return { text, names: readdirSync(home), mode: statSync(path).mode & 0o777 };
}

describe("putKeys", () => {
  it("makes a file that only its owner may read, and says who wrote it", async () => {
    const { text, names, mode } = await put(undefined, { S3_ACCESS_KEY: "a1", S3_SECRET_KEY: "b2" });
    expect(text).toMatch(/^# .*pipectl.*\nS3_ACCESS_KEY=a1\nS3_SECRET_KEY=b2\n$/);
    expect(mode).toBe(0o600);
    expect(names).toEqual([".env"]);
  });

  it("takes a file that everybody could read away from everybody, and leaves no other file", async () => {
    const { names, mode } = await put("A=1\n", { A: "2" });
    expect(mode).toBe(0o600);
    expect(names).toEqual([".env"]);
  });

  it("is as private, and as whole, over what a run that was cut short has left", async () => {
    const home = join(folder, String(++files));
    mkdirSync(home);
    writeFileSync(join(home, `.env.${process.pid}.tmp`), "half of a longer file\n".repeat(9), {
      mode: 0o644,
    });
    await putKeys(join(home, ".env"), { A: "1" });
    expect(parse(readFileSync(join(home, ".env")))).toEqual({ A: "1" });
    expect(statSync(join(home, ".env")).mode & 0o777).toBe(0o600);
  });

  it("keeps what other lines say, byte for byte, wherever the key stands", async () => {
    const lines = ["# a comment", "", "  B = x y  ", "C='$HOME $(A) $&'", "AB=1", "A_B=2", "B=A=3"];
    for (const at of [0, 3, lines.length]) {
      const text = (line: string) => `${lines.toSpliced(at, 0, line).join("\n")}\n`;
      expect((await put(text("A="), { A: "new" })).text).toBe(text("A=new"));
    }
  });

  it.each([
    ["stands there empty", "A=\nB=2\n"],
    ["has a value", "A=old # yes\nB=2\n"],
    ["has spaces around it", "  A = \nB=2\n"],
    ["is exported", "export A=old\nB=2\n"],
  ])("replaces the line of a key that %s", async (_what, before) => {
    expect((await put(before, { A: "new" })).text).toBe("A=new\nB=2\n");
  });

  it("leaves a commented line alone, and puts the key behind all others", async () => {
    const { text } = await put("# A=\n#A=old\nB=2\n", { A: "new" });
    expect(text).toMatch(/^# A=\n#A=old\nB=2\n# .*\nA=new\n$/);
  });

  it("begins a line of its own behind a file that does not end with one", async () => {
    const { text } = await put("B=2", { A: "new" });
    expect(parse(text)).toEqual({ A: "new", B: "2" });
    expect(text.startsWith("B=2\n")).toBe(true);
  });

  it.each(["$&", "$1$$", "$`x$'", "a\\1"])("writes the value %s as it is", async (value) => {
    expect((await put("A=\nB=2\n", { A: value })).text).toBe(`A=${value}\nB=2\n`);
  });

  it("keeps the line ends of a file from Windows", async () => {
    expect((await put("B=2\r\nA=\r\nC=3\r\n", { A: "new" })).text).toBe("B=2\r\nA=new\r\nC=3\r\n");
    expect(parse((await put("B=2\r\n", { A: "new" })).text)).toEqual({ A: "new", B: "2" });
  });

  it.each(["A=\nA=\n", "A=old\nB=2\nA=\n"])(
    "is what dotenv then reads, also of a key that stands twice: %j",
    async (before) => {
      expect(parse((await put(before, { A: "new" })).text).A).toBe("new");
    },
  );

  it("changes nothing the second time", async () => {
    const { text } = await put("B=2\n", { A: "1", S3_PORT: "2" });
    expect((await put(text, { A: "1", S3_PORT: "2" })).text).toBe(text);
  });
});
