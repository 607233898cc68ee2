#!/usr/bin/python3 -B
"""LMDB by Debian's python3-lmdb. common.py has the usage."""
import json
import os

import lmdb

import common

MAP_BYTES = 16 << 20


def add_options(workload):
    workload.add_argument("--no-sync", action="store_true", help="MDB_NOSYNC")
    workload.add_argument("--no-meta-sync", action="store_true", help="MDB_NOMETASYNC")
    workload.add_argument("--map-async", action="store_true", help="MDB_WRITEMAP and MDB_MAPASYNC")


class Opened:
    def __init__(self, environment):
        self.environment = environment

    def put(self, pairs):
        with self.environment.begin(write=True) as writing:
            for key, value in pairs.items():
                writing.put(key.encode(), value.encode())

    def kill(self):
        pass


def open(directory, arguments):
    return Opened(
        lmdb.open(
            os.path.join(directory, "lmdb"),
            map_size=MAP_BYTES,
            sync=not arguments.no_sync,
            metasync=not arguments.no_meta_sync,
            writemap=arguments.map_async,
            map_async=arguments.map_async,
        )
    )


def dump(path, to_fd):
    environment = lmdb.open(path, map_size=MAP_BYTES)
    with environment.begin() as reading:
        pairs = {bytes(key).decode("latin1"): bytes(value).decode("latin1") for key, value in reading.cursor()}
    # What can be read need not be fit to be written to: this looks at the table of free pages.
    probe = environment.begin(write=True)
    probe.put(b"probe", b"")
    probe.abort()
    with os.fdopen(to_fd, "w") as to:
        json.dump(pairs, to)


def read(directory, acknowledged):
    """In a process of its own, since a damaged map can end the reader by SIGSEGV, SIGBUS or an assertion."""
    path = os.path.join(directory, "lmdb")
    if not os.path.exists(os.path.join(path, "data.mdb")):
        return {}
    from_fd, to_fd = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            dump(path, to_fd)
        except lmdb.Error as error:
            os.write(to_fd, ("error: %s" % error).encode())
        os._exit(0)
    os.close(to_fd)
    with os.fdopen(from_fd) as answer:
        text = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        raise common.Violated("corrupt: the reader died of signal %d" % -status)
    if text.startswith("error: "):
        raise common.Violated("corrupt: LMDB says: %s" % text[len("error: ") :])
    return json.loads(text)


if __name__ == "__main__":
    import sys

    common.main(sys.modules[__name__])
