import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { disksBelow } from "../../../../src/runtime/local/disks.js";
import { temporaryFolder } from "../../../helpers/folder.js";

describe("the disks below a folder", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data", "warehouse"), { recursive: true });
  writeFileSync(join(folder, "data", "a file"), "");
  symlinkSync(join(folder, "nowhere"), join(folder, "data", "dangling"));
  symlinkSync(folder, join(folder, "data", "round"));

  it("are one where all of it lies on one", async () => {
    expect(await disksBelow(folder)).toEqual([{ path: folder, freeBytes: expect.any(Number) }]);
  });

  // A memory file system that every Linux has; a mount in the place of a table is tested in test/chaos/faults.test.ts.
  const memory = "/dev/shm";
  it.skipIf(!existsSync(memory) || statSync(memory).dev === statSync(folder).dev)(
    "are two where a link leads to another",
    async () => {
      const elsewhere = join(folder, "data", "checkpoints");
      symlinkSync(memory, elsewhere);
      expect((await disksBelow(folder)).map(({ path }) => path)).toEqual([folder, elsewhere]);
    },
  );

  it("are none where there is no folder", async () => {
    expect(await disksBelow(join(folder, "nowhere"))).toEqual([]);
  });
});
