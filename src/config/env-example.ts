import type { KeyDefinition } from "./key.js";
import { keys } from "./schema.js";

/** The text of `.env.example`: every key with its default, one line of documentation each. A test holds the file to it. */
export function envExample(): string {
  const lines = [
    "# Copy this file to .env and change what you need. Every key has a default. An environment variable of the same name wins.",
    "# `pipectl config` shows each value in force and where it came from.",
    "# A secret may be in its own file: KAFKA_PASSWORD_FILE names a file with the value of KAFKA_PASSWORD. So it is for each secret key.",
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
