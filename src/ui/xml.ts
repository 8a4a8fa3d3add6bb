/** An element of an XML document: attributes, and either elements or a text in it. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly content?: readonly Element[] | string;
}

/** A whole document, an element a line. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, "")}\n`;
}

function render({ name, attributes = {}, content = "" }: Element, indent: string): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`);
  const open = `${indent}<${name}${said.join("")}`;
  if (content.length === 0) return `${open}/>`;
  // Within a text, white space of ours would be part of it.
  if (typeof content === "string") return `${open}>${escaped(content)}</${name}>`;
  return [`${open}>`, ...content.map((one) => render(one, `${indent}  `)), `${indent}</${name}>`].join("\n");
}

/** XML 1.0 has no way to write these, not even as a reference; one of them and no reader takes the file. */
const unwritable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replace(unwritable, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

/** A reader makes spaces of line ends and tabs in an attribute, unless they are references. */
function attribute(text: string): string {
  return escaped(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
