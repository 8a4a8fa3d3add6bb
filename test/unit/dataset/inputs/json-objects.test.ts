import { describe, expect, it } from "vitest";
import { ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";
import { planned } from "../infer/planned.js";

const file = temporaryFolder();
const orders = ordersDataset(file);

const three = ['{"OrderID":1}', '{"OrderID":2}', '{"OrderID":3}'];

/** Files of objects whose ends are not those of lines, and how many of their records are dead letters. */
const cases: [name: string, text: string, records: readonly string[], unreadable: number][] = [
  ["two on each line", '{"OrderID":1} {"OrderID":2}\n{"OrderID":3}\n', three, 0],
  ["two on a later line", '{"OrderID":1}\n{"OrderID":2}\t{"OrderID":3}\n', three, 0],
  ["nothing between them", three.join(""), three, 0],
  ["nothing between them on lines", `${three.join("")}\n${three[0]}`, [...three, three[0] as string], 0],
  ["commas between them", three.join(","), three, 0],
  ["commas at the ends of lines", three.join(",\n"), three, 0],
  ["CR at the ends of lines", `${three.join("\r")}\r`, three, 0],
  ["CR, and the last line cut off", '{"OrderID":1}\r{"OrderID":2', ['{"OrderID":1}', '{"OrderID":2'], 1],
  ["CR within a line", '{"OrderID":1}\n{"OrderID":2}\r{"OrderID":3}\r\n', three, 0],
  ["CR as a blank", '{"OrderID":\r1}\n', ['{"OrderID":\r1}'], 0],
  ["CRLF", three.join("\r\n"), three, 0],
  ["a byte order mark in front of each", three.map((one) => `\uFEFF${one}\n`).join(""), three, 0],
  ["record separators (RFC 7464)", three.map((one) => `\u001e${one}\n`).join(""), three, 0],
  ["brackets and quotes in texts", '{"a":"}{\\""}{"OrderID":1}\n', ['{"a":"}{\\""}', '{"OrderID":1}'], 0],
  ["a word behind them", '{"OrderID":1}{"OrderID":2} oops\n', ['{"OrderID":1}{"OrderID":2} oops'], 1],
  ["two commas", '{"OrderID":1},,{"OrderID":2}\n', ['{"OrderID":1},,{"OrderID":2}'], 1],
  ["one that is broken", '{"OrderID":1}{"OrderID":}\n', ['{"OrderID":1}{"OrderID":}'], 1],
];

describe("objects that do not have a line each", () => {
  it.each(cases)("%s: each is a record", async (_, text, expected, broken) => {
    const whole = `{"OrderID":0}${text.includes("\n") || !text.includes("\r") ? "\n" : "\r"}${text}`;
    for (const content of broken > 0 ? [whole] : [text, whole]) {
      const { records, unreadable } = await readAll(orders, [file("in.json", content)]);
      expect(valuesOf(records)).toEqual(content === text ? expected : ['{"OrderID":0}', ...expected]);
      expect(unreadable).toBe(broken);
      const plan = await planned({ files: [file("in.json", content)] });
      expect(plan.records).toBe(records.length - broken);
      if (broken > 0) expect(plan.notes[0]).toMatch(/^1 record cannot be read/);
      else expect(plan.notes).toEqual([]);
    }
  });

  it("come one by one from standard input, too", async () => {
    const { records } = await readAll(orders, ["-"], three.join("\r"));
    expect(valuesOf(records)).toEqual(three);
  });
});
