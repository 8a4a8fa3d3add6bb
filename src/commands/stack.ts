import { type CommandDefinition, command } from "./command.js";
import { flag, number } from "./options.js";

export const stackCommands: readonly CommandDefinition[] = [
  command({
    usage: "up",
    summary: "start Kafka, Flink, the SQL gateway and the Iceberg catalog, and wait until they answer",
    example: "pipectl up",
    run: async (context) => {
      const [{ up }, { upView }] = await Promise.all([
        import("../pipeline/stack/stack.js"),
        import("../ui/views.js"),
      ]);
      context.print(await up(await context.workspace("started")), upView);
      return undefined;
    },
  }),
  command({
    usage: "down",
    summary: "stop everything; by default the data stays",
    options: { volumes: flag("delete topics, tables, checkpoints and logs too") },
    example: "pipectl down --volumes",
    run: async (context, _args, { volumes }) => {
      const [{ down }, { downView }] = await Promise.all([
        import("../pipeline/stack/stack.js"),
        import("../ui/views.js"),
      ]);
      const result = await down(await context.workspace(), volumes);
      context.print(result, downView);
      return undefined;
    },
  }),
  command({
    usage: "restart",
    summary: "down, then up; the data stays",
    example: "pipectl restart",
    run: async (context) => {
      const [{ restart }, { upView }] = await Promise.all([
        import("../pipeline/stack/stack.js"),
        import("../ui/views.js"),
      ]);
      context.print(await restart(await context.workspace("started")), upView);
      return undefined;
    },
  }),
  command({
    usage: "warm-up",
    summary: "what up starts in the background: Flink loads what the first process needs",
    example: "pipectl warm-up",
    run: async (context) => {
      const [{ warmUp }, { warmUpView }] = await Promise.all([
        import("../pipeline/stack/warm-up.js"),
        import("../ui/views.js"),
      ]);
      context.print(await warmUp(await context.workspace()), warmUpView);
      return undefined;
    },
  }),
  command({
    usage: "status",
    summary:
      "each service with state, process and address, and the jobs that run; exit 3 when one is not running",
    example: "pipectl status --json",
    run: async (context) => {
      const [{ status }, { statusView }] = await Promise.all([
        import("../pipeline/stack/stack.js"),
        import("../ui/views.js"),
      ]);
      const result = await status(await context.workspace());
      context.print(result, (value) => statusView(value, context.chalk));
      return result.services.every((service) => service.state === "running") ? 0 : 3;
    },
  }),
  command({
    usage: "logs [service]",
    summary: "the last lines of the services' logs",
    options: {
      follow: flag("keep printing new lines", "f"),
      lines: {
        ...number("<n>", "number of last lines of each log", { min: 0, whole: true }, "40"),
        short: "n",
      },
    },
    example: "pipectl logs taskmanager -f",
    run: async (context, [service], { lines, follow }) => {
      const { showLogs } = await import("../pipeline/stack/logs.js");
      await showLogs(await context.workspace(), { service, lines, follow }, (line) => {
        context.deps.stdout.write(`${context.hide(line)}\n`);
      });
      return undefined;
    },
  }),
  command({
    usage: "doctor",
    summary: "check what this machine and these settings lack, with the next step for each",
    example: "pipectl doctor",
    run: async (context) => {
      const [{ diagnose }, { doctorView }] = await Promise.all([
        import("../pipeline/stack/doctor.js"),
        import("../ui/views.js"),
      ]);
      const findings = await diagnose(await context.workspace());
      context.print({ findings }, (value) => doctorView(value, context.chalk));
      return findings.some((finding) => finding.status === "problem") ? 1 : 0;
    },
  }),
  command({
    usage: "config",
    summary: "every effective setting and its source; secrets are masked",
    options: { keys: flag("every key with its default and what it does") },
    example: "pipectl config --mode streaming_bronze",
    run: async (context, _args, { keys }) => {
      const [{ configEntries }, { configView, keysView }] = await Promise.all([
        import("../config/entries.js"),
        import("../ui/views.js"),
      ]);
      const entries = configEntries(context.config());
      context.print({ settings: entries }, keys ? keysView : configView);
      return undefined;
    },
  }),
  command({
    usage: "clean",
    summary: "delete files that are made again on demand: build/sql and the resolved class paths; no data",
    example: "pipectl clean",
    run: async (context) => {
      const { clean } = await import("../pipeline/stack/stack.js");
      context.print({ removed: await clean(await context.workspace()) }, ({ removed }) =>
        removed.length === 0 ? "nothing to remove" : `removed ${removed.join(", ")}`,
      );
      return undefined;
    },
  }),
];
