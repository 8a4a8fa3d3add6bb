import type { CommandDefinition } from "./command.js";

export const stackCommands: readonly CommandDefinition[] = [
  {
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
  },
  {
    usage: "down",
    summary: "stop everything; the data stays unless told otherwise",
    options: [["--volumes", "delete topics, tables, checkpoints and logs too"]],
    example: "pipectl down --volumes",
    run: async (context, _args, options) => {
      const [{ down }, { downView }] = await Promise.all([
        import("../pipeline/stack/stack.js"),
        import("../ui/views.js"),
      ]);
      const result = await down(await context.workspace(), options.volumes === true);
      context.print(result, downView);
      return undefined;
    },
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
    usage: "logs [service]",
    summary: "the last lines of the services' logs",
    options: [
      ["-f, --follow", "go on as lines come"],
      ["-n, --lines <n>", "how many lines of each file", "40"],
    ],
    example: "pipectl logs taskmanager -f",
    run: async (context, [service], options) => {
      const { numberOption } = await import("./command.js");
      const lines = (await numberOption(options, "lines", { min: 0, whole: true })) ?? 40;
      const { showLogs } = await import("../pipeline/stack/logs.js");
      await showLogs(
        await context.workspace(),
        { service, lines, follow: options.follow === true },
        (line) => {
          context.deps.stdout.write(`${context.hide(line)}\n`);
        },
      );
      return undefined;
    },
  },
  {
    usage: "doctor",
    summary: "check what this machine and these settings lack, each with the next step",
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
  },
  {
    usage: "config",
    summary: "every setting in force and where it came from; secrets are masked",
    options: [["--keys", "every key with its default and what it does"]],
    example: "pipectl config --mode streaming_bronze",
    run: async (context, _args, options) => {
      const [{ configEntries }, { configView, keysView }] = await Promise.all([
        import("../config/entries.js"),
        import("../ui/views.js"),
      ]);
      const entries = configEntries(context.config());
      context.print({ settings: entries }, options.keys === true ? keysView : configView);
      return undefined;
    },
  },
  {
    usage: "clean",
    summary: "remove what can be made again: build/sql and the resolved class paths; no data",
    example: "pipectl clean",
    run: async (context) => {
      const { clean } = await import("../pipeline/stack/stack.js");
      context.print({ removed: await clean(await context.workspace()) }, ({ removed }) =>
        removed.length === 0 ? "nothing to remove" : `removed ${removed.join(", ")}`,
      );
      return undefined;
    },
  },
];
