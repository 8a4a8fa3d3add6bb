import { execFileSync } from "node:child_process";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { unzstd } from "../../../../src/core/zstd.js";
import { keysOf, ordersDataset, readAll, temporaryFolder } from "../fixtures.js";
import { zstdCsv, zstdPlain, zstdText } from "./zstd-files.js";

const file = temporaryFolder();
const orders = ordersDataset(file);

async function unpacked(packed: Buffer, pieceBytes = packed.length): Promise<string> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < packed.length; at += pieceBytes) pieces.push(packed.subarray(at, at + pieceBytes));
  const parts: Buffer[] = [];
  for await (const part of unzstd(Readable.from(pieces))) parts.push(part);
  return Buffer.concat(parts).toString();
}

const hasProgram = (() => {
  try {
    execFileSync("zstd", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();
const lines = Array.from({ length: 50_000 }, (_, id) => `${id},,customer ${(id * 7919) % 1000}\n`).join("");
const big = `OrderID,placed,customer\n${lines}`;

describe("unzstd", () => {
  it.each([1, 2, 7, 1000])(
    "unpacks one frame and several, however they come: %i bytes at a time",
    async (bytes) => {
      expect(await unpacked(zstdCsv, bytes)).toBe(zstdText);
      expect(await unpacked(zstdPlain, bytes)).toBe(zstdText);
      expect(await unpacked(Buffer.concat([zstdCsv, zstdPlain, zstdCsv]), bytes)).toBe(zstdText.repeat(3));
    },
  );

  it("says so when it is cut off, or is something else", async () => {
    for (const length of [5, 20, zstdCsv.length - 10]) {
      await expect(unpacked(zstdCsv.subarray(0, length))).rejects.toThrow();
    }
    await expect(unpacked(Buffer.concat([zstdCsv, Buffer.from("x".repeat(30))]))).rejects.toThrow();
  });

  it("refuses a window that would fill the memory", async () => {
    // Magic number, a descriptor with a window, and a window of 2 GiB.
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, ...new Array(20).fill(0)]);
    await expect(unpacked(header)).rejects.toThrow("128 MiB");
    const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, ...new Array(20).fill(0)]);
    await expect(unpacked(single)).rejects.toThrow("128 MiB");
  });

  it.skipIf(!hasProgram)("unpacks what the program packs, at any level (skipped without zstd)", async () => {
    for (const level of ["-1", "-19", "-3"]) {
      const packed = execFileSync("zstd", [level, "-c"], { input: big });
      expect((await unpacked(packed, 10_000)) === big).toBe(true);
      await expect(unpacked(packed.subarray(0, packed.length - 100), 1000)).rejects.toThrow();
    }
  });
});

describe("generate from zstd", () => {
  it("reads files and standard input", async () => {
    expect(keysOf((await readAll(orders, [file("a.csv.zst", zstdCsv)])).records)).toEqual(["a|1", "b|2"]);
    expect(keysOf((await readAll(orders, ["-"], zstdCsv)).records)).toEqual(["a|1", "b|2"]);
  });

  it("refuses a file that is cut off before anything is read", async () => {
    const path = file("b.csv.zst", zstdCsv.subarray(0, 30));
    await expect(readAll(orders, [path])).rejects.toMatchObject({ code: "input_corrupt", kind: "usage" });
  });
});
