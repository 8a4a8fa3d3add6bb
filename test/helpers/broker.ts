import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { inject, vi } from "vitest";
import { freePorts } from "./ports.js";

const home = () => inject("stack").STATE_DIR as string;

/** A client that tries once: what is not there shall be seen at once. */
export const impatientAdmin = () =>
  new kafkajs.Kafka({
    brokers: [`127.0.0.1:${inject("stack").KAFKA_PORT}`],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();

/**
 * A second broker of the stack's cluster, number 2, with its log in `folder`; the stack's own is broker 1.
 *
 * @returns how to end it; it comes back with another call on the same folder
 */
export async function secondBroker(folder: string): Promise<() => Promise<void>> {
  const [port] = await freePorts(1);
  const meta = readFileSync(join(home(), "data", "kafka", "meta.properties"), "utf8");
  const cluster = /^cluster\.id=.+$/m.exec(meta)?.[0];
  const stored = join(folder, "meta.properties");
  // What `kafka-storage format` would write, without a JVM for it; the broker adds the id of the folder.
  if (!existsSync(stored)) writeFileSync(stored, `version=1\nnode.id=2\n${cluster}\n`);
  const properties = join(folder, "server.properties");
  const settings = {
    "process.roles": "broker",
    "node.id": 2,
    "controller.quorum.voters": `1@127.0.0.1:${inject("stack").KAFKA_CONTROLLER_PORT}`,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": folder,
  };
  writeFileSync(
    properties,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
  const args = readFileSync(join(home(), "conf", "kafka.args"), "utf8")
    .replace(join(home(), "conf", "server.properties"), properties)
    .replace(join(home(), "log", "kafka.log"), join(folder, "broker.log"));
  writeFileSync(join(folder, "broker.args"), args);
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";
  const broker = spawn(java, [`@${join(folder, "broker.args")}`], { stdio: "ignore" });
  await vi.waitUntil(async () => (await brokers()) === 2, { timeout: 60_000, interval: 200 });
  return () => killed(broker);
}

async function brokers(): Promise<number> {
  const admin = impatientAdmin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } catch {
    // Leaders are being elected.
    return 0;
  } finally {
    await admin.disconnect();
  }
}

async function killed(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = new Promise((resolve) => broker.once("exit", resolve));
  broker.kill("SIGKILL");
  await ended;
}
