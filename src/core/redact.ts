/** Shorter ones would hide half of every text, and protect nothing. */
const shortest = 4;

/**
 * Takes secrets out of texts that somebody may see: what a server says when it refuses a statement may quote it.
 *
 * @param secrets as they are; how they look within JSON, SQL, a URL and a JAAS line is known here
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= shortest));
  // The longest first: one may be part of another.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  // A text that was cut off may hold the beginning of a long one.
  const beginnings = ordered
    .filter((form) => form.length >= 2 * beginning)
    .map(
      (form) =>
        new RegExp(`${form.slice(0, beginning).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}[^\\s'",;]*`, "g"),
    );
  return (text) => {
    const whole = ordered.reduce((rest, form) => rest.replaceAll(form, mask), text);
    return beginnings.reduce((rest, sign) => rest.replace(sign, mask), whole);
  };
}

const mask = "********";
/** So many characters tell one secret from another. */
const beginning = 24;

/** The same value with every text in it shown by `hide`; names, numbers and what is neither stay. */
export function withoutSecrets<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === "string") return hide(value) as T;
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, hide)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, withoutSecrets(one, hide)]),
  ) as T;
}

function formsOf(secret: string): string[] {
  const quoted = secret.replace(/[\\"]/g, "\\$&");
  const forms = [secret, quoted, secret.replaceAll("'", "''"), quoted.replaceAll("'", "''")];
  // Of a certificate's key, each line: a text may hold some of them.
  const lines = secret.split("\n").filter((line) => line.length >= 32);
  return [
    ...forms,
    ...forms.map((form) => JSON.stringify(form).slice(1, -1)),
    encodeURIComponent(secret),
    ...lines,
  ];
}
