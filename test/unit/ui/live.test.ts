import { expect, it } from "vitest";
import { live } from "../../../src/ui/live.js";

it("writes over what was shown before, as many lines as that had", () => {
  const written: string[] = [];
  const show = live((text) => void written.push(text), true);
  for (const text of ["a\nb", "c", "d"]) show(text);
  expect(written.join("")).toBe("a\nb\n\u001b[2A\u001b[Jc\n\u001b[1A\u001b[Jd\n");
});

it("writes nothing over where nobody looks", () => {
  const written: string[] = [];
  const show = live((text) => void written.push(text), false);
  for (const text of ["a", "b"]) show(text);
  expect(written.join("")).toBe("a\nb\n");
});
