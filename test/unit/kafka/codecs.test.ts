import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TooLarge } from "../../../src/core/output.js";
import { decompressed } from "../../../src/kafka/codecs.js";

const [gzip, snappy, lz4, zstd] = [1, 2, 3, 4] as const;
const hex = (...parts: string[]) => Buffer.from(parts.join(""), "hex");
const unpacked = async (codec: number, bytes: Buffer, limit = 1000) =>
  (await decompressed(codec, bytes, limit)).toString();

/** An LZ4 frame with these blocks: the first part is flags, the second one block size, then the checksum of the head. */
const frame = (head: string, ...blocks: string[]) => hex("04224d18", head, ...blocks, "00000000");

describe("lz4", () => {
  it("copies what overlaps, from the block before too, and takes a block that is stored as it is", async () => {
    const abcd = "04000080".concat("61626364"); // stored: the highest bit of its length
    // Token 08: no literals, a copy of 8 + 4 bytes from 4 before; token 50: five literals.
    const linked = "09000000".concat("080400", "50", "7778797a21");
    expect(await unpacked(lz4, frame("404000", abcd, linked))).toBe("abcdabcdabcdabcdwxyz!");
  });

  it("passes over sizes and checksums", async () => {
    const stored = "0100008061";
    const withAll = frame("5c40".concat("0100000000000000", "00"), `${stored}ffffffff`);
    expect(await unpacked(lz4, Buffer.concat([withAll, hex("eeeeeeee"), frame("404000", stored)]))).toBe(
      "aa",
    );
  });

  it.each([
    ["it is no LZ4 frame", hex("28b52ffd", "404000", "00000000")],
    ["it is cut off", hex("04224d18", "404000", "09000000", "08")],
    ["it is cut off", frame("404000", "02000000", "5061")],
    ["it copies from before its beginning", frame("404000", "06000000", "14", "61", "0200", "1062")],
  ])("says: %s", async (why, bytes) => {
    await expect(unpacked(lz4, bytes)).rejects.toThrow(why);
  });

  it("ends at the limit", async () => {
    await expect(unpacked(lz4, frame("404000", "0100008061"), 0)).rejects.toThrow(TooLarge);
  });
});

describe("snappy", () => {
  // 13 bytes: "abcd" as a literal (tag 0c), 8 bytes from 4 before (tag 11, one byte of distance), and "!".
  const plain = `0d${"0c61626364"}${"1104"}${"0021"}`;
  const framed = hex("82534e4150505900", "00000001", "00000001");
  const length = (hexText: string) => (hexText.length / 2).toString(16).padStart(8, "0");

  it("is one block, or the framing of snappy-java around several", async () => {
    expect(await unpacked(snappy, hex(plain))).toBe("abcdabcdabcd!");
    const two = Buffer.concat([framed, hex(length(plain), plain, length("0100".concat("62")), "010062")]);
    expect(await unpacked(snappy, two)).toBe("abcdabcdabcd!b");
    expect(await unpacked(snappy, Buffer.concat([two, two]))).toBe("abcdabcdabcd!babcdabcdabcd!b");
  });

  it("knows longer literals and distances", async () => {
    // Tag f0: a literal whose length less one is the next byte; tag 0e and 0f: four bytes from two or four bytes of distance.
    const long = hex("48", "f03f", "61".repeat(64), "0e4000", "0f40000000");
    expect(await unpacked(snappy, long)).toBe("a".repeat(72));
  });

  it.each([
    ["it is cut off", hex("05", "1061")],
    ["it is cut off", Buffer.concat([framed, hex("00000009", "61")])],
    ["it has another length than it says", hex("05", "0061")],
    ["it copies from before its beginning", hex("05", "0061", "0105")],
  ])("says: %s", async (why, bytes) => {
    await expect(unpacked(snappy, bytes)).rejects.toThrow(why);
  });
});

describe("the others", () => {
  it("end at the limit, too", async () => {
    const zeros = gzipSync(Buffer.alloc(100_000));
    await expect(unpacked(gzip, zeros)).rejects.toThrow(TooLarge);
    expect(await decompressed(gzip, zeros, 100_000)).toHaveLength(100_000);
    await expect(unpacked(gzip, zeros.subarray(0, 20))).rejects.toThrow("unexpected end of file");
  });

  it("are zstd, with a window that is not larger than it may be", async () => {
    // A frame that asks for a window of 2^41 bytes.
    await expect(unpacked(zstd, hex("28b52ffd", "00", "f8", "00".repeat(20)))).rejects.toThrow("window");
  });
});
