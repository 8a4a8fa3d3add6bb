"""A producer and a consumer that are not ours: librdkafka. librdkafka.py BROKER COMMAND TOPIC [CODEC...]"""

import json
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

broker, command, topic, *codecs = sys.argv[1:]


def create(partitions, **settings):
    config = {name.replace("_", "."): value for name, value in settings.items()}
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result()


def value(i):
    record = {"id": i, "name": f"Zoë {i}", "amount": i / 4, "at": f"2026-01-{1 + i % 28:02d}T00:00:00Z"}
    return json.dumps(record).encode()


def producer(codec, **settings):
    config = {name.replace("_", "."): value for name, value in settings.items()}
    return Producer({"bootstrap.servers": broker, "compression.type": codec, "linger.ms": 50, **config})


def plain(codec, first, count):
    sender = producer(codec)
    for i in range(first, first + count):
        headers = [("trace", b"\x00\x01"), ("none", None)] if i % 7 == 0 else None
        sender.produce(topic, value(i), key=None if i % 5 == 0 else str(i), headers=headers)
    sender.flush()


def transactions(codec, first):
    """Twelve of twenty records each; every third one is aborted."""
    sender = producer(codec, transactional_id=f"{topic}-{codec}")
    sender.init_transactions()
    for number in range(12):
        sender.begin_transaction()
        for i in range(20):
            sender.produce(topic, value(first + 20 * number + i), key=str(i))
        # What was not sent yet an abort takes back.
        sender.flush()
        sender.abort_transaction() if number % 3 == 2 else sender.commit_transaction()


def consume():
    """[partition, offset, key] of every committed record."""
    reader = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": "independent",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    partitions = reader.list_topics(topic, timeout=20).topics[topic].partitions
    reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found, ended = [], set()
    while len(ended) < len(partitions):
        for message in reader.consume(1000, timeout=1):
            if message.error():
                ended.add(message.partition())
            else:
                found.append([message.partition(), message.offset(), (message.key() or b"").decode()])
    reader.close()
    return found


def compacted():
    """Per codec 200 records of ten keys, half of them in a transaction, until compaction has left one of each."""
    create(
        1,
        cleanup_policy="compact",
        segment_ms="100",
        min_cleanable_dirty_ratio="0.01",
        max_compaction_lag_ms="100",
    )
    for codec in codecs:
        for transactional in (False, True):
            sender = producer(codec, **({"transactional_id": f"compacted-{codec}"} if transactional else {}))
            if transactional:
                sender.init_transactions()
                sender.begin_transaction()
            for i in range(100):
                sender.produce(topic, value(i), key=f"{codec}{i % 10}")
            sender.flush()
            if transactional:
                sender.commit_transaction()
    deadline = time.monotonic() + 90
    # Segments are compacted once they are closed, and one is closed by a record that comes later.
    last = producer("none")
    while len([key for _, _, key in consume() if key != "last"]) > 10 * len(codecs):
        if time.monotonic() > deadline:
            sys.exit("compaction took too long")
        last.produce(topic, value(0), key="last")
        last.flush()
        time.sleep(1)


if command == "produce":
    create(3)
    for codec in codecs:
        plain(codec, 0, 500)
        transactions(codec, 1000)
elif command == "compacted":
    compacted()
elif command == "consume":
    print(json.dumps(consume()))
