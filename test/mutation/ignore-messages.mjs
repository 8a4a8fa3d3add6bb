import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** What makes a message that a person reads. Their wording is held where they are shown; a changed one is no fault of logic. */
const speakers = new Set(["failed", "usage", "unavailable", "report", "tablesBecause"]);

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "messages", {
    shouldIgnore: (path) => (isText(path) && isSpoken(path) ? "a message" : undefined),
  }),
];

const isText = (path) => path.isStringLiteral() || path.isTemplateLiteral();

/** In a call of one of the speakers, at any depth: `failed(code, "…", { hint: "…" })`. */
const isSpoken = (path) =>
  path.findParent((parent) => parent.isCallExpression() && speakers.has(parent.node.callee.name)) !== null;
