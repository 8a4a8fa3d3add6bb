import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/**
 * Leaves out the wording of messages: tests hold it where it is shown, and another wording is no fault of logic. What a script
 * reads (codes of errors, types of events) stays, and so does a text that calculates what it says.
 */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "messages", {
    shouldIgnore: (path) => (isWording(path) && isSaid(path) ? "wording of a message" : undefined),
  }),
];

const isWording = (path) =>
  path.isStringLiteral() ? path.node.value.includes(" ") : path.isTemplateLiteral() && !calculates(path);

function calculates(path) {
  let found = false;
  const find = () => {
    found = true;
  };
  path.traverse({ BinaryExpression: find, ConditionalExpression: find });
  return found;
}

/** The functions that take what a person is told. */
const say = new Set(["failed", "usage", "unavailable", "untrusted", "report", "addIssue", "tablesBecause"]);

/** In a call of one of them, at any depth: `failed(code, "…", { hint: "…" })`, `workspace.report({ text: "…" })`. */
const isSaid = (path) =>
  path.findParent(
    ({ node }) => node.type === "CallExpression" && say.has(node.callee.name ?? node.callee.property?.name),
  ) !== null;
