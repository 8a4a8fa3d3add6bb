import { describe, expect, it } from "vitest";
import { xmlDocument } from "../../../src/ui/xml.js";

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const text = (content: string) => xmlDocument({ name: "a", content });
const attribute = (b: string) => xmlDocument({ name: "a", attributes: { b } });

describe("xmlDocument", () => {
  it("has an element a line, and leaves a text alone", () => {
    const document = xmlDocument({
      name: "a",
      attributes: { n: 1, s: "x" },
      content: [{ name: "b", content: "one\n  two\t" }, { name: "c" }, { name: "d", content: [] }],
    });
    expect(document).toBe(`${declaration}<a n="1" s="x">\n  <b>one\n  two\t</b>\n  <c/>\n  <d/>\n</a>\n`);
  });

  it("takes nothing of a text for markup", () => {
    expect(text('<b>&amp;</b> ]]> "x"')).toBe(
      `${declaration}<a>&lt;b&gt;&amp;amp;&lt;/b&gt; ]]&gt; "x"</a>\n`,
    );
    expect(attribute("\"<&>'")).toBe(`${declaration}<a b="&quot;&lt;&amp;&gt;'"/>\n`);
  });

  it("keeps line ends that a reader would change", () => {
    expect(text("a\r\nb")).toBe(`${declaration}<a>a&#13;\nb</a>\n`);
    expect(attribute("a\r\n\tb")).toBe(`${declaration}<a b="a&#13;&#10;&#9;b"/>\n`);
  });

  it("shows what XML cannot hold as a replacement character, and holds all else", () => {
    const bad = ["\u0000", "\u0008", "\u000b", "\u001b", "\u001f", "\ud800", "\udfff", "\ufffe", "\uffff"];
    for (const character of bad) {
      expect(text(`a${character}b`)).toBe(`${declaration}<a>a\ufffdb</a>\n`);
      expect(attribute(character)).toBe(`${declaration}<a b="\ufffd"/>\n`);
    }
    const good = "\t\n \u007f\u0085é漢\ud7ff\ue000\ufffd\u{10000}😀\u{10ffff}";
    expect(text(good)).toBe(`${declaration}<a>${good}</a>\n`);
  });
});
