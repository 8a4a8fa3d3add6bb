#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { projectRoot } from "./config/load.js";
import { main } from "./main.js";

// `pipectl logs | head`: whoever reads our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  root: projectRoot(fileURLToPath(new URL(".", import.meta.url))),
});
// Not by itself: what a failed call left waiting (a retry, a socket) would hold the process for minutes.
process.stdout.write("", () => process.exit(exitCode));
