#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { projectRoot } from "./config/load.js";
import { main } from "./main.js";

// `pipectl logs | head`: whoever reads our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  root: projectRoot(fileURLToPath(new URL(".", import.meta.url))),
});
