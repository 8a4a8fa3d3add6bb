import { describe, expect, it } from "vitest";
import { manifestText } from "../../../../src/dataset/infer/manifest-text.js";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { problemOf } from "../../../helpers/problem.js";
import { readAll, temporaryFolder, valuesOf } from "../fixtures.js";
import { planned, typesOf } from "./planned.js";

const file = temporaryFolder();

/** What `infer` makes of a file, and what `generate` then sends of it. */
async function roundTrip(text: string | Buffer, hasHeader?: boolean) {
  const path = file("in.csv", text);
  const plan = await planned({ files: [path] }, undefined, hasHeader);
  const dataset = loadManifest(file("x.yml", manifestText(plan)));
  const { records, unreadable } = await readAll(dataset, [path]);
  return { plan, values: valuesOf(records), unreadable };
}

describe("the beginning of a CSV file", () => {
  it("may be a comment, and its delimiter a bar", async () => {
    const { plan, values, unreadable } = await roundTrip("# made by X\n#\n\nid|name\n1|a\n2|b, c\n3|c\n");
    expect(values).toEqual(['{"id":1,"name":"a"}', '{"id":2,"name":"b, c"}', '{"id":3,"name":"c"}']);
    expect(unreadable).toBe(0);
    expect(plan.notes).toEqual([
      expect.stringMatching(/in\.csv: 2 lines in front of the header with # are left out$/),
    ]);
  });

  it("may be a header whose first name begins with #", async () => {
    const { plan, values } = await roundTrip("#id\tname\n1\ta\n2\tb\n");
    expect(typesOf(plan)).toEqual({ "#id": "INT", name: "STRING" });
    expect(values).toEqual(['{"#id":1,"name":"a"}', '{"#id":2,"name":"b"}']);
    expect(plan.notes).toEqual([]);
  });

  it("may name the delimiter, as spreadsheets do", async () => {
    const { values } = await roundTrip("sep=;\r\na;b\r\n1;2,5\r\n");
    expect(values).toEqual(['{"a":1,"b":"2,5"}']);
  });

  it("may be followed by lines that end with CR", async () => {
    const { values } = await roundTrip('a,b\r1,"x\r\ny\n"\r2,z\r');
    expect(values).toEqual(['{"a":1,"b":"x\\r\\ny\\n"}', '{"a":2,"b":"z"}']);
  });

  it("is a record in a file without a header, when somebody says so", async () => {
    const text = "1,2024-01-01,9.5\n2,2024-01-02,8.25\n3,2024-01-03,.75\n";
    const noted = await roundTrip(text);
    expect(noted.plan.notes).toEqual([
      expect.stringMatching(
        /^the first row of .*in\.csv looks like a record and not like a header \("1", "2024-01-01", "9\.5"\): its cells became the names of columns\. If it is a record, infer again with --headerless$/,
      ),
    ]);
    const { plan, values } = await roundTrip(text, false);
    expect(typesOf(plan)).toEqual({ column_1: "INT", column_2: "DATE", column_3: "DOUBLE" });
    expect(values).toEqual([
      '{"column_1":1,"column_2":"2024-01-01","column_3":9.5}',
      '{"column_1":2,"column_2":"2024-01-02","column_3":8.25}',
      '{"column_1":3,"column_2":"2024-01-03","column_3":0.75}',
    ]);
    expect(plan.notes).toEqual([]);
    const dataset = loadManifest(file("x.yml", manifestText(plan)));
    const problem = await problemOf(() => readAll(dataset, [file("two.csv", "1,2024-01-01\n")]));
    expect(problem.message).toContain(
      "has 2 cells in its first row, but x has 3 columns and `header: false`",
    );
  });

  it.each([
    ["text above numbers", "a,b\n1,2\n3,4\n", false],
    ["text above text", "name,city\nann,rome\nbob,paris\n", false],
    ["one name that is a number", "country,2019\nit,1\nfr,2\n", true],
    ["a value that comes again", "ann,rome\nbob,paris\nzoe,rome\n", true],
    ["a name above dates", "day,v\n2024-01-01,x\n", false],
  ])("looks like a record or not: %s", async (_, text, isLike) => {
    const { notes } = await planned({ files: [file("in.csv", text)] });
    expect(notes.some((note) => note.includes("looks like a record"))).toBe(isLike);
  });

  it.each([
    [Buffer.from("Año,v\n1,x\n", "latin1"), "ISO-8859-1", '"Año"'],
    [Buffer.from([0x80, 0x2c, 0x76, 0x0a, 0x31, 0x2c, 0x78, 0x0a]), "WINDOWS-1252", '"€"'],
  ])("that is no UTF-8 is refused, with its encoding", async (text, encoding, shown) => {
    const problem = await problemOf(() => planned({ files: [file("in.csv", text)] }));
    expect(problem).toMatchObject({ code: "input_format", kind: "usage" });
    expect(problem.message).toMatch(
      new RegExp(`a header that is no UTF-8, but probably ${encoding}: ${shown}`),
    );
    expect(problem.hint).toBe(`Convert it: iconv -f ${encoding} -t UTF-8 FILE Nothing was written.`);
    const dataset = loadManifest(
      file("x.yml", manifestText(await planned({ files: [file("ok.csv", "v,w\n1,x\n")] }))),
    );
    expect((await problemOf(() => readAll(dataset, [file("in.csv", text)]))).code).toBe("input_format");
  });

  it("may be longer than what is looked at first", async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `${"x".repeat(250)}${index}`);
    const { plan, values } = await roundTrip(`${names.join(",")}\n${names.map(() => 1).join(",")}\n`);
    expect(plan.columns.at(-1)?.source).toBe(names.at(-1));
    expect(Object.keys(JSON.parse(String(values[0])))).toEqual(names);
  });

  it("with blanks in front of quotes is noted", async () => {
    const { notes } = await planned({ files: [file("in.csv", 'a, "b, c"\n1, "x, y"\n')] });
    expect(notes.join()).toContain("in.csv has quotes within names");
  });

  it("with a quote that is not closed is refused", async () => {
    const problem = await problemOf(() => planned({ files: [file("in.csv", 'a,"b\n1,2\n')] }));
    expect(problem.message).toContain("a header with a quote that is not closed");
  });

  it.each([
    ["^", "a^b\n1^2\n3^4\n"],
    ["space", "a b\n1 2\n3 4\n"],
    ["space", "id   name\n1    a\n22   b\n"],
  ])("with a delimiter that is not read is noted: %s", async (name, text) => {
    const { notes } = await planned({ files: [file("in.csv", text)] });
    expect(notes.join()).toContain(`the same number of another character (${name})`);
  });
});

it("rows that are no UTF-8 are counted as unreadable by both", async () => {
  const text = Buffer.from("id,name\n1,a\n2,é\n3,b\n", "latin1");
  const { plan, unreadable } = await roundTrip(text);
  expect(unreadable).toBe(1);
  expect(plan.records).toBe(2);
});
