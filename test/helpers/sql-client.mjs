// Stands in for the Flink SQL client: prints what the real one prints, and does what a word in the statement says.
// The statements that it got are appended to the file named by its argument, one JSON text a line.
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const say = (text) => new Promise((done) => process.stdout.write(text, done));
const prompt = "\u001b[32;1mFlink SQL>\u001b[0m ";
const red = (text) => `\u001b[31;1m${text}\u001b[0m`;
const succeeded = "\u001b[34;1m[INFO] Execute statement succeeded.\u001b[0m";

/** With `sql-client.verbose`, as the session sets it: the whole stack, after a verdict that comes first. */
const stack = [
  "org.apache.flink.table.client.gateway.SqlExecutionException: Failed to get response.",
  ...Array.from(
    { length: 40 },
    (_, i) => `\tat org.apache.flink.table.client.cli.CliClient.execute(CliClient.java:${i})`,
  ),
  "Caused by: org.apache.flink.table.api.ValidationException: SQL validation failed. From line 2, column 8 to line 2, column 9: Column 'x' not found in any table",
  ...Array.from(
    { length: 40 },
    (_, i) => `\tat org.apache.flink.table.planner.calcite.FlinkPlannerImpl.validate(F.scala:${i})`,
  ),
  "Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Column 'x' not found in any table",
  "\t... 40 more",
];

async function answer(statement) {
  if (/\bDIE\b/.test(statement)) {
    await say('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n');
    process.exit(1);
  }
  if (statement.includes("HANG")) return;
  if (statement.includes("INSERT")) {
    await say("[INFO] Submitting SQL update statement to the cluster...\n");
    await say("[INFO] SQL update statement has been successfully submitted to the cluster:\n");
    await say("Job ID: 0123456789abcdef0123456789abcdef\n\n\n");
  } else if (statement.includes("WRONG")) {
    await say(`${red("[ERROR] Could not execute SQL statement. Reason:")}\n`);
    for (const line of stack) {
      if (statement.includes("SLOWLY")) await pause(1);
      await say(`${red(line)}\n`);
    }
    if (statement.includes("AND DIES")) process.exit(0);
    await say("\n");
  } else {
    await say(`${succeeded}\n\n`);
  }
}

await say(
  `\r\u001b[2K  welcome banner\nCommand history file path: /home/user/.flink-sql-history\n\n${prompt}`,
);
let pending = "";
for await (const chunk of process.stdin) {
  pending += chunk;
  for (let end = pending.indexOf(";\n"); end >= 0; end = pending.indexOf(";\n")) {
    const statement = pending.slice(0, end);
    pending = pending.slice(end + 2);
    appendFileSync(process.argv[2], `${JSON.stringify(statement)}\n`);
    if (statement === "QUIT" && process.argv[3] === "stubborn") continue;
    if (statement === "QUIT") process.exit(0);
    await answer(statement);
    await say(prompt);
  }
}
if (process.argv[3] === "stubborn") setInterval(() => {}, 1_000);
