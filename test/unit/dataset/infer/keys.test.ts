import { describe, expect, it } from "vitest";
import { HashSet, hash, hashed } from "../../../../src/dataset/infer/hash-set.js";
import { planned } from "./planned.js";

const rows = (header: string, count: number, row: (n: number) => (string | number)[]) =>
  `${header}\n${Array.from({ length: count }, (_, n) => row(n).join(",")).join("\n")}\n`;

describe("natural key", () => {
  it("prefers a column by its name, and of others one that is no time", async () => {
    const key = async (header: string) =>
      (await planned(rows(header, 50, (n) => [`2024-01-01 10:00:${10 + n}`, n, n + 100, n + 200])))
        .messageKey;
    expect(await key("at,a,b,order_id")).toEqual(["order_id"]);
    expect(await key("at,a,id,order_id")).toEqual(["id"]);
    expect(await key("at,a,customerId,uuid")).toEqual(["uuid"]);
    expect(await key("at,a,b,c")).toEqual(["a"]);
  });

  it("has the event time in it, which makes the day a function of the key", async () => {
    const plan = await planned(rows("id,created_at", 50, (n) => [n, `2024-01-01 10:00:${10 + n}`]));
    expect(plan.naturalKey).toEqual(["id", "created_at"]);
    expect(plan.messageKey).toEqual(["id"]);
    expect(plan.keyReason).toBe("never NULL and never the same twice in all 50 records");
  });

  it("is no column that is ever NULL, repeats a value, or is a DOUBLE", async () => {
    const plan = await planned(rows("a,b,c", 50, (n) => [n === 40 ? "" : n, n === 49 ? 0 : n, n + 0.5]));
    expect(plan.messageKey).toBeUndefined();
    expect(plan.naturalKey).toEqual(["kafka_incarnation", "kafka_partition", "kafka_offset"]);
  });

  it("is no column where two texts may be one value", async () => {
    expect((await planned("a\n1\n 1 \n")).messageKey).toBeUndefined();
    expect((await planned("a\n2024-01-01 10:00:00\n2024-01-01T10:00:00\n")).messageKey).toBeUndefined();
    expect(
      (await planned("a\n2024-01-01T10:00:00Z\n2024-01-01T11:00:00+01:00\n")).messageKey,
    ).toBeUndefined();
    expect((await planned("a\n2024-01-01 10:00:00.1\n2024-01-01 10:00:00.10\n")).messageKey).toBeUndefined();
  });

  it("compares JSON text by its characters, whatever their spelling", async () => {
    expect((await planned('{"a":"x"}\n{"a":"\\u0078"}\n')).messageKey).toBeUndefined();
    expect((await planned('{"a":"x"}\n{"a":"y"}\n')).messageKey).toEqual(["a"]);
  });

  it("is no time alone where only a part was read", async () => {
    const text = rows("at,v", 60, (n) => [`2024-01-01 10:00:${10 + (n % 50)}`, n % 3]);
    const sample = await planned(text, 40);
    expect(sample.naturalKey).toEqual(["kafka_incarnation", "kafka_partition", "kafka_offset"]);
    expect(sample.keyReason).toBe(
      "at never was the same twice in the first 40 records, but a time alone is no key where only a part was read: each record counts as an event of its own",
    );
    const whole = rows("at,v", 40, (n) => [`2024-01-01 10:00:${10 + n}`, n % 3]);
    expect((await planned(whole)).naturalKey).toEqual(["at"]);
    const other = await planned(
      rows("at,id", 60, (n) => [`2024-01-01 10:00:${10 + (n % 50)}`, n]),
      40,
    );
    expect(other.naturalKey).toEqual(["id", "at"]);
    expect(other.notes.join()).toContain(
      "that id, at tell records apart was seen in these only: of others with one key silver keeps one, and `validate --deep` warns of it",
    );
  });

  it("is a pair that tells records apart where chance would not", async () => {
    const plan = await planned(rows("order_id,line,qty", 5000, (n) => [n >> 2, n & 3, (n * 7) % 5]));
    expect(plan.messageKey).toEqual(["order_id", "line"]);
    expect(plan.keyReason).toMatch(
      /^together never the same twice in all 5,000 records, where chance alone would/,
    );
    const late = await planned(
      rows("order_id,line,qty", 5001, (n) => (n === 5000 ? [7, 1, 0] : [n >> 2, n & 3, n % 5])),
    );
    expect(late.messageKey).toBeUndefined();
  });

  it("is no pair that is only different by chance", async () => {
    // Few values repeat in either column: that no two records agree in both says nothing.
    const plan = await planned(rows("a,b", 1000, (n) => [n === 1 ? 0 : n, n === 999 ? 998 : n]));
    expect(plan.messageKey).toBeUndefined();
  });
});

describe("event time", () => {
  const eventTime = async (header: string, row: string) =>
    (await planned(`${header}\n${row}\n`)).eventTime?.name;
  const [time, date] = ["2024-01-01 10:00:00", "2024-01-01"];

  it.each([
    ["id,a,b", `1,${time},${time}`, "a"],
    ["a,created_at", `${time},${time}`, "created_at"],
    ["pickup_datetime,dropoff_datetime", `${time},${time}`, "pickup_datetime"],
    ["birth_date,ts", `${date},${time}`, "ts"],
    ["updatedAt,createdAt", `${time},${time}`, "createdAt"],
    ["event_date,x", `${date},1`, "event_date"],
    ["order_date,order_time", `${date},${time}`, "order_time"],
    ["a,event_time", `${time},`, "a"],
    ["a,b", `1,${"x"}`, undefined],
  ])("of %s is %s", async (header, row, expected) => {
    expect(await eventTime(header, row)).toBe(expected);
  });
});

describe("HashSet", () => {
  it("knows what it was given, and nothing else", () => {
    const set = new HashSet();
    const add = (text: string) => {
      hash(text);
      return set.add(hashed.low, hashed.high);
    };
    for (let n = 0; n < 200_000; n++) if (!add(`value ${n}`)) throw new Error(`${n} was taken for another`);
    for (let n = 0; n < 200_000; n += 997) expect(add(`value ${n}`)).toBe(false);
    expect(set.add(0, 0)).toBe(true);
    expect(set.add(0, 0)).toBe(false);
    expect(set.size).toBe(200_001);
  });
});
