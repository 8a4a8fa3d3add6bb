/** Hiding shorter values would hide half of every text, and protect nothing. */
const shortest = 4;

/**
 * Removes secrets from texts that people may see: a server that refuses a statement may quote it.
 *
 * @param secrets in plain form; their encodings in JSON, SQL, URLs and JAAS lines are covered here
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= shortest));
  // Longest first: one secret may be part of another.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  // A truncated text may end with the beginning of a long secret.
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
/** A beginning of this length identifies a secret. */
const beginning = 24;

/** The same value with `hide` applied to every string in it. Keys, numbers and everything else stay. */
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
  // Each line of a private key: a text may contain only some of them.
  const lines = secret.split("\n").filter((line) => line.length >= 32);
  return [
    ...forms,
    ...forms.map((form) => JSON.stringify(form).slice(1, -1)),
    encodeURIComponent(secret),
    ...lines,
  ];
}
