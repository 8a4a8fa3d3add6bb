import { Chalk } from "chalk";
import { expect, it } from "vitest";
import { table } from "../../../src/ui/table.js";

const columns = [{ title: "NAME" }, { title: "ROWS", right: true }, { title: "NOTE" }];

it("sets texts to the left and figures to the right, two spaces apart, without trailing blanks", () => {
  const rows = [
    ["kafka", "1", ""],
    ["taskmanager-1", "12,345", "busy"],
  ];
  expect(table(columns, rows)).toBe(
    [
      "NAME             ROWS  NOTE", //
      "kafka               1",
      "taskmanager-1  12,345  busy",
    ].join("\n"),
  );
});

it("counts characters, not colour codes nor bytes", () => {
  const { green } = new Chalk({ level: 1 });
  const [, colored, plain] = table(columns, [
    [green("ok"), "1", "x"],
    ["né😀", "1", "x"],
  ]).split("\n");
  expect(colored?.replace(green("ok"), "ok")).toBe("ok       1  x");
  expect(plain).toBe("né😀      1  x");
});

it("is only headings without rows, and pads a row that is too short", () => {
  expect(table(columns, [])).toBe("NAME  ROWS  NOTE");
  expect(table(columns, [["a"]])).toBe("NAME  ROWS  NOTE\na");
});
