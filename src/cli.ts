#!/usr/bin/env node
import { fileURLToPath } from "node:url";

// `pipectl logs | head`: whoever reads our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const { main, projectRoot } = await load();
const exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  root: projectRoot(fileURLToPath(new URL(".", import.meta.url))),
});
// Not by itself: what a failed call left waiting (a retry, a socket) would hold the process for minutes.
process.stdout.write("", () => process.exit(exitCode));

/** Loads the program; where not even its files can be opened, says why in one line. */
async function load() {
  try {
    const [{ main }, { projectRoot }] = await Promise.all([import("./main.js"), import("./config/load.js")]);
    return { main, projectRoot };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EMFILE" && code !== "ENFILE") throw error;
    process.stderr.write(
      `error: no file descriptors are left to start with (${code})\n  try: ulimit -n 4096\n`,
    );
    process.exit(3);
  }
}
