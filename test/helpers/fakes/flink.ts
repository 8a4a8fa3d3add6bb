import { failed } from "../../../src/core/errors.js";
import { type FlinkRest, type JobState, terminalStates } from "../../../src/flink/rest.js";
import type { RetainedCheckpoint, Runtime } from "../../../src/runtime/runtime.js";

/** What a job of the fake does beyond being listed. */
export interface Work<State> {
  /** Reads all that there is. */
  readonly read: () => void;
  /** Where it is, with what it has read and not committed. */
  readonly state: () => State;
  readonly commit: (checkpoint: number) => void;
  /** Tasks that it shows. */
  readonly vertices?: () => { readonly name: string; readonly state: string }[];
}

interface Job<State> {
  readonly id: string;
  readonly name: string;
  readonly startTime: number;
  state: JobState;
  readonly work: Work<State> | undefined;
  readonly checkpoints: RetainedCheckpoint[];
  /** Number of its last checkpoint; a job that takes a state over counts on from it. */
  last: number;
}

export interface FakeFlink<State> {
  readonly rest: FlinkRest;
  readonly checkpoints: Runtime["checkpoints"];
  /** States that Flink keeps, by path. */
  readonly states: ReadonlyMap<string, State>;
  /** Lists a job that has ended, as a batch job that was waited for. */
  ended(name: string, state?: JobState): void;
  /** A job that runs until it is stopped. @param restored path of the state that it takes over */
  runs(id: string, name: string, work: Work<State>, restored?: string): void;
  /** The job of a kind that runs: what its name begins with. */
  running(prefix: string): string;
  /** Completes a checkpoint; its commit follows, unless the job dies right before that. */
  checkpoint(id: string, committed?: "and dies before its commit"): void;
  /** Ends a job without a savepoint, as a crash of everything does. */
  kill(id: string): void;
  /** What a small job of ours does, by its class, and what its accumulators hold then. */
  onJar: (mainClass: string, options: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** What running jobs hear of a savepoint; throws what Flink answers. */
  beforeStop: (id: string) => void;
}

/** Flink's REST API over jobs in memory. */
export function fakeFlink<State>(): FakeFlink<State> {
  const jobs: Job<State>[] = [];
  const states = new Map<string, State>();
  let began = 1;
  let savepoints = 0;
  const collected = new Map<string, Readonly<Record<string, string>>>();
  const jobOf = (id: string) => jobs.find((job) => job.id === id);
  const add = (id: string, name: string, state: JobState, more: Partial<Job<State>> = {}) =>
    jobs.push({ id, name, startTime: began++, state, work: undefined, checkpoints: [], last: 0, ...more });
  const running = (id: string) => {
    const job = jobOf(id);
    if (job?.work === undefined || terminalStates.has(job.state))
      throw failed("job_unknown", `no job ${id} runs`);
    return { job, work: job.work };
  };
  const fake: FakeFlink<State> = {
    states,
    ended: (name, state = "FINISHED") => void add(String(began).padStart(32, "0"), name, state),
    runs: (id, name, work, restored) =>
      void add(id, name, "RUNNING", { work, last: Number(/chk-(\d+)/.exec(restored ?? "")?.[1] ?? 0) }),
    running: (prefix) => {
      const found = jobs.findLast(({ name, state }) => state === "RUNNING" && name.startsWith(prefix));
      if (found === undefined) throw new Error(`no job runs whose name begins with ${prefix}`);
      return found.id;
    },
    checkpoint: (id, death) => {
      const { job, work } = running(id);
      job.last += 1;
      work.read();
      const path = `file:///checkpoints/${id}/chk-${job.last}`;
      states.set(path, work.state());
      job.checkpoints.unshift({ id: job.last, path });
      if (death === undefined) work.commit(job.last);
      else job.state = "FAILED";
    },
    kill: (id) => {
      running(id).job.state = "FAILED";
    },
    onJar: (mainClass) => {
      throw new Error(`nobody has said what ${mainClass} does`);
    },
    beforeStop: () => {},
    checkpoints: async (id) => (jobOf(id)?.checkpoints ?? []).filter(({ path }) => states.has(path)),
    rest: {
      url: "http://flink.test:8081",
      overview: async () => ({ taskManagers: 1, slots: 9, freeSlots: 9, version: "2.1.0" }),
      settings: async () => ({}),
      classPath: async () => [],
      jobs: async () => jobs.map((job) => ({ ...job, durationMs: 1_000 })),
      jobState: async (id) => jobOf(id)?.state,
      vertices: async (id) => jobOf(id)?.work?.vertices?.() ?? [],
      restarts: async () => 0,
      rootCause: async () => "IOException: disk full",
      accumulator: async (id, name) => collected.get(jobOf(id)?.name ?? "")?.[name],
      recordsRead: async () => 0,
      checkpoints: async (id) => {
        const newest = jobOf(id)?.checkpoints[0];
        const lastCompleted = newest === undefined ? undefined : { ...newest, at: Date.now() };
        return { lastCompleted, lastFailed: undefined };
      },
      stopWithSavepoint: async (id) => {
        fake.beforeStop(id);
        const { job, work } = running(id);
        work.read();
        work.commit(++job.last);
        job.state = "FINISHED";
        const path = `file:///savepoints/savepoint-${++savepoints}`;
        states.set(path, work.state());
        return path;
      },
      disposeState: async (path) => void states.delete(path),
      cancel: async (id) => {
        const job = jobOf(id);
        if (job !== undefined && !terminalStates.has(job.state)) job.state = "CANCELED";
      },
      runJar: async (_path, mainClass, args) => {
        const words = args.flatMap((word, i) =>
          word.startsWith("--") ? [[word.slice(2), args[i + 1] ?? ""] as const] : [],
        );
        const { name = "", ...options } = Object.fromEntries(words);
        collected.set(name, fake.onJar(mainClass, options));
        fake.ended(name);
      },
    },
  };
  return fake;
}
