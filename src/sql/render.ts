import Handlebars from "handlebars";
import { messageOf, usage } from "../core/errors.js";
import { literal, quoted } from "../core/sql-quotes.js";

/** Templates by name (`05_bronze`), as read from `templates/<name>.sql.tmpl`. */
export type Templates = Readonly<Record<string, string>>;

/**
 * Helpers are the only way to put a value into SQL. Each writes one kind of thing and refuses any other value, instead of escaping
 * it halfway.
 */
const helpers: Readonly<Record<string, (value: unknown) => string>> = {
  /** A string literal. */
  str: (value) => literal(text(value)),
  /** A quoted identifier. */
  ident: (value) => quoted(text(value)),
  /** A quoted table name in the catalog, from `{namespace, table}`. */
  table: (value) => {
    const { namespace, table } = value as { namespace: string; table: string };
    return ["lake", namespace, table].map((part) => quoted(text(part))).join(".");
  },
  /** A whole number. */
  int: (value) => {
    if (!Number.isSafeInteger(value)) throw new Error(`not a whole number: ${String(value)}`);
    return String(value);
  },
  /** A DATE literal from YYYY-MM-DD. */
  date: (value) => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text(value))) throw new Error(`not a date: ${String(value)}`);
    return `DATE '${value}'`;
  },
  /** SQL, unchanged: types and expressions that the manifest's schema has checked. */
  raw: (value) => text(value),
};

/** Handlebars' `strict` does not cover block arguments: `{{#if typo}}` would silently be false. */
function refuseUnknownArguments(handlebars: typeof Handlebars): void {
  for (const name of ["if", "unless", "each"]) {
    const builtIn = handlebars.helpers[name] as Handlebars.HelperDelegate;
    handlebars.registerHelper(
      name,
      function (this: unknown, value: unknown, options: Handlebars.HelperOptions) {
        if (value === undefined) throw new Error(`{{#${name}}} is about a value that nobody gives`);
        return builtIn.call(this, value, options);
      },
    );
  }
}

function text(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number")
    throw new Error(`no value given (${String(value)})`);
  return String(value);
}

/**
 * Renders one template. Pure: the same template and context give the same SQL.
 *
 * @param partials the templates that `{{> name}}` may name
 * @throws PipectlError (usage) `template_invalid` that names the template's file and, where Handlebars says it, the line
 */
export function render(
  name: string,
  template: string,
  context: Readonly<Record<string, unknown>>,
  partials: Templates = {},
): string {
  const handlebars = Handlebars.create();
  for (const [helper, write] of Object.entries(helpers)) {
    // Handlebars passes an options object as the last argument; helpers take one value.
    handlebars.registerHelper(helper, (value: unknown) => write(value));
  }
  refuseUnknownArguments(handlebars);
  for (const [partial, source] of Object.entries(partials)) handlebars.registerPartial(partial, source);
  try {
    const sql = handlebars.compile(template, { strict: true, noEscape: true, preventIndent: true })(context);
    return sql.replaceAll("\r\n", "\n");
  } catch (error) {
    throw usage("template_invalid", `templates/${name}.sql.tmpl: ${messageOf(error)}`, {
      hint: "pipectl build-sql --show",
      cause: error,
    });
  }
}
