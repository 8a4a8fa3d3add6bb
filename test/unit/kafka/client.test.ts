import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type KafkaClient, kafkaClient } from "../../../src/kafka/client.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";

// What a broker answers is tested with a real one, in test/e2e: a fake one would only repeat what kafkajs believes.

// Every call goes one of these two ways.
const calls: readonly (readonly [string, (kafka: KafkaClient) => Promise<unknown>])[] = [
  ["topicOffsets", (kafka) => kafka.topicOffsets("t")],
  ["sender", (kafka) => kafka.sender("t")],
];

describe("without a broker", () => {
  it.concurrent.each(calls)("%s names the address and exits 3", async (_name, call) => {
    const [port] = await freePorts(1);
    const kafka = kafkaClient(`127.0.0.1:${port}`);
    const error = await problemOf(() => call(kafka));
    expect(error).toMatchObject({ kind: "unavailable", code: "kafka_unreachable", exitCode: 3 });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).toContain("ECONNREFUSED");
    await kafka.close();
  });

  it("has nothing to close before its first use", async () => {
    await kafkaClient("127.0.0.1:1").close();
  });

  it.concurrent("calls a server that hangs up on it unreachable, too", async ({ onTestFinished }) => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const error = await problemOf(() => kafkaClient(`127.0.0.1:${port}`).cluster());
    expect(error).toMatchObject({ kind: "unavailable", code: "kafka_unreachable" });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });
});
