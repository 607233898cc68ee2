"""What the stores in Python have in common: transactions, the lines for powercut, the judgement, the command line.

usage: STORE workload DIR [COUNT] [--neighbour] [--checkpoint N] [--pause-ms MS] [options of the store]
       STORE check DIR COUNT

Exit status: 0 done, or all is well; 1 with `lost|torn|reordered|corrupt|phantom: detail` when not; 64 for wrong arguments; 70
when this program cannot work, which says nothing about the store.
"""
import argparse
import hashlib
import os
import subprocess
import sys
import time
import traceback

SLOTS = 7
DETAIL_CHARACTERS = 200


class Violated(Exception):
    """The store broke its word; the text begins with a class."""


def value_of(number):
    return (hashlib.sha256(b"%d" % number).hexdigest() * 24)[: 1500 - number % 7]


def transaction(number):
    """What transaction NUMBER puts, all or nothing: a new key, one of a few that are overwritten, and a counter."""
    value = value_of(number)
    return {"k%06d" % number: value, "s%d" % (number % SLOTS): "%d %s" % (number, value), "last": str(number)}


def judge(found, acknowledged):
    """found: key to value, all that the store holds."""
    keys = {int(key[1:]): value for key, value in found.items() if key.startswith("k")}
    reached = max(keys, default=0)
    for number in range(1, reached + 1):
        if number not in keys:
            raise Violated("reordered: transaction %d is missing, but %d is there" % (number, reached))
        if keys[number] != value_of(number):
            raise Violated("corrupt: transaction %d came back with another value" % number)
    expected = {}
    for number in range(1, reached + 1):
        expected.update(transaction(number))
    for key in sorted(expected.keys() | found.keys()):
        if key not in expected:
            raise Violated("torn: %s is there, but the keys reach %d" % (key, reached))
        if found.get(key) != expected[key]:
            raise Violated("torn: %s is not as transaction %d left it" % (key, reached))
    if reached < acknowledged:
        counts = "%d acknowledged, %d recovered" % (acknowledged, reached)
        raise Violated("lost: transaction %d is gone (%s)" % (reached + 1, counts))


class Neighbour:
    """Another program on the same file system, which syncs a file of its own: the file system's journal is committed with it."""

    def __init__(self, directory):
        self.fd = os.open(os.path.join(directory, "neighbour"), os.O_WRONLY | os.O_CREAT, 0o600)
        os.fsync(self.fd)

    def work(self, number):
        # A changed size makes this a transaction of the file system's, too.
        os.pwrite(self.fd, b"%06d\n" % number, number * 7)
        os.fsync(self.fd)


def acknowledge(number):
    os.write(1, b"ack %d\n" % number)
    reply = os.environ.get("POWERCUT_ACK_REPLY")
    if reply and len(os.read(int(reply), 1)) != 1:
        raise RuntimeError('the answer to "ack %d" never came' % number)


def run_workload(store, arguments):
    """The store's `open` gives something with `put` (a transaction's pairs) and, if it needs it, `kill` and `checkpoint`."""
    opened = store.open(arguments.directory, arguments)
    neighbour = Neighbour(arguments.directory) if arguments.neighbour else None
    subprocess.run(["sync", "-f", arguments.directory], check=True)
    os.write(1, b"ready\n")
    for number in range(1, arguments.count + 1):
        opened.put(transaction(number))
        if neighbour:
            neighbour.work(number)
        acknowledge(number)
        time.sleep(arguments.pause_ms / 1000)
        if arguments.checkpoint and number % arguments.checkpoint == 0:
            opened.checkpoint()
    opened.kill()


def run_check(store, arguments):
    try:
        judge(store.read(arguments.directory, arguments.count), arguments.count)
    except Violated as violation:
        print(str(violation).replace("\n", " ")[:DETAIL_CHARACTERS])
        return 1
    return 0


def whole_number(text):
    # int() also takes "-1", " 1" and "1_0".
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("not a whole number: %r" % text)
    return int(text)


def read_arguments(store):
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    # Most stores are made by the workload.
    for verb in ["setup"] * hasattr(store, "setup") + ["workload", "check"]:
        verbs.add_parser(verb).add_argument("directory")
    workload = verbs.choices["workload"]
    workload.add_argument("count", nargs="?", type=whole_number, default=20)
    workload.add_argument("--neighbour", action="store_true", help="sync another file before each acknowledgement")
    workload.add_argument("--checkpoint", type=whole_number, metavar="N", help="after every N transactions")
    workload.add_argument("--pause-ms", type=whole_number, default=0, help="after each acknowledgement")
    store.add_options(workload)
    verbs.choices["check"].add_argument("count", type=whole_number)
    return parser.parse_args()


def run(store):
    arguments = read_arguments(store)
    if arguments.verb == "setup":
        store.setup(arguments.directory)
    elif arguments.verb == "workload":
        run_workload(store, arguments)
    else:
        return run_check(store, arguments)
    return 0


def main(store):
    try:
        status = run(store)
    except SystemExit as end:
        # argparse ends with 2 after wrong arguments.
        status = 64 if end.code == 2 else end.code
    # An exception that nobody catches ends Python with 1, which would be a false alarm.
    except Exception:
        traceback.print_exc()
        status = 70
    sys.stdout.flush()
    # No clean-up of libraries: a power cut does none.
    os._exit(status)
