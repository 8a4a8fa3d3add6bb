import type { KeyDefinition } from "./key.js";
import { keys } from "./schema.js";

/** The text of `.env.example`: every key with its default, one line of documentation each. A test holds the file to it. */
export function envExample(): string {
  const lines = [
    "# Copy to .env and change what you need; every key has a default, and an environment variable of the same name wins.",
    "# `pipectl config` shows each value in force and where it came from.",
    "# A secret may be in a file of its own: KAFKA_PASSWORD_FILE names one that holds KAFKA_PASSWORD, and so for each secret key.",
  ];
  let section = "";
  for (const [name, definition] of Object.entries(keys) as [string, KeyDefinition][]) {
    if (definition.section !== section) {
      section = definition.section;
      lines.push("", `## ${section}`);
    }
    lines.push(`# ${definition.doc}`, `${name}=${definition.secret ? "" : definition.default}`);
  }
  return `${lines.join("\n")}\n`;
}
