/** An element of an XML document: attributes, and either child elements or a text. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly content?: readonly Element[] | string;
}

/** Writes a whole document, one element a line. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, "")}\n`;
}

function render({ name, attributes = {}, content = "" }: Element, indent: string): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`);
  const open = `${indent}<${name}${said.join("")}`;
  if (content.length === 0) return `${open}/>`;
  // White space inside a text would become part of it.
  if (typeof content === "string") return `${open}>${escaped(content)}</${name}>`;
  return [`${open}>`, ...content.map((one) => render(one, `${indent}  `)), `${indent}</${name}>`].join("\n");
}

/** XML 1.0 cannot express these characters, not even as references. A file with one of them is refused by every reader. */
const unwritable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replace(unwritable, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

/** In attributes, readers turn line ends and tabs into spaces unless they are written as references. */
function attribute(text: string): string {
  return escaped(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
