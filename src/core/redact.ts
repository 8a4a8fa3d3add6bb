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
  return (text) => ordered.reduce((rest, form) => rest.replaceAll(form, "********"), text);
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
