#!/usr/bin/python3 -B
"""PostgreSQL by Debian's postgresql. common.py has the usage; `setup DIR` makes the cluster.

As root, server and client run as the user postgres, since the server refuses root.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import common

START_SECONDS = 50
POLL_SECONDS = 0.02
DONE = "done"
ALWAYS = {
    "listen_addresses": "",
    "shared_buffers": "2MB",
    "max_wal_size": "4MB",
    "min_wal_size": "2MB",
    "autovacuum": "off",
    "max_connections": "10",
    "max_wal_senders": "0",
    # Without /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}
INDEXES = "select bt_index_check(indexrelid, true) from pg_index where indrelid = 'kv'::regclass"


def add_options(workload):
    workload.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="of the server's settings")


def programs():
    """The newest version's folder."""
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    if not folders:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return max(folders, key=lambda folder: int(folder.split("/")[-2]))


def as_postgres():
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def give_to_postgres(path):
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def setup(directory):
    path = os.path.join(directory, "postgres")
    os.mkdir(path, 0o700)
    give_to_postgres(path)
    options = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions", "--wal-segsize=1", "--no-sync"]
    subprocess.run([*as_postgres(), programs() + "/initdb", "-D", path, *options], check=True, stdout=subprocess.DEVNULL)


class Server:
    """Its socket and its transcript are outside the store's folder."""

    def __init__(self, path, settings):
        self.outside = tempfile.mkdtemp(prefix="calibration-pg-")
        give_to_postgres(self.outside)
        self.transcript = os.path.join(self.outside, "transcript")
        words = [*as_postgres(), programs() + "/postgres", "-D", path, "-k", self.outside]
        for name, value in {**ALWAYS, **settings}.items():
            words += ["-c", "%s=%s" % (name, value)]
        with os.fdopen(os.open(self.transcript, os.O_WRONLY | os.O_CREAT, 0o644), "w") as transcript:
            # In this process's folder the user postgres may have no business.
            self.process = subprocess.Popen(words, stdout=transcript, stderr=subprocess.STDOUT, cwd="/")
        self.client = None
        try:
            self.wait()
        except BaseException:
            self.kill()
            raise

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while "ready to accept connections" not in self.lines():
            if self.process.poll() is not None:
                fatal = [line for line in self.lines().split("\n") if "PANIC" in line or "FATAL" in line]
                raise common.Violated("corrupt: the server ended: %s" % (fatal or [self.lines()[-150:]])[-1])
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not start within %d s: %s" % (START_SECONDS, self.lines()[-500:]))
            time.sleep(POLL_SECONDS)

    def lines(self):
        with os.fdopen(os.open(self.transcript, os.O_RDONLY), errors="replace") as transcript:
            return transcript.read()

    def psql(self, *words):
        return [*as_postgres(), "psql", "-qAtX", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", self.outside, "-d", "postgres", *words]

    def query(self, text):
        ended = subprocess.run(self.psql("-c", text), capture_output=True, text=True, errors="replace", cwd="/")
        if ended.returncode != 0:
            raise common.Violated("corrupt: PostgreSQL says: %s" % ended.stderr)
        return [line.split("\t") for line in ended.stdout.splitlines()]

    def put(self, pairs):
        self.say("begin;")
        for key, value in pairs.items():
            self.say("insert into kv values ('%s', '%s') on conflict (key) do update set value = excluded.value;" % (key, value))
        self.say("commit;")
        self.finish()

    def checkpoint(self):
        self.say("checkpoint;")
        self.finish()

    def say(self, line):
        if self.client is None:
            streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": "/"}
            self.client = subprocess.Popen(self.psql(), **streams)
        self.client.stdin.write(line + "\n")

    def finish(self):
        """Waits until everything that was said is done."""
        self.say("\\echo " + DONE)
        self.client.stdin.flush()
        if self.client.stdout.readline().strip() != DONE:
            raise RuntimeError("psql ended: %s" % self.lines()[-500:])

    def kill(self):
        # SIGQUIT: at once, with nothing written, and its processes with it.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.outside, ignore_errors=True)


def open(directory, arguments):
    settings = dict(setting.split("=", 1) for setting in arguments.set)
    server = Server(os.path.join(directory, "postgres"), settings)
    server.say("create extension amcheck;")
    server.say("create table kv (key text primary key, value text not null);")
    server.checkpoint()
    return server


def read(directory, acknowledged):
    path = os.path.join(directory, "postgres")
    # The number in it may be that of another process here; after a reboot PostgreSQL finds that nobody has it.
    if os.path.exists(os.path.join(path, "postmaster.pid")):
        os.unlink(os.path.join(path, "postmaster.pid"))
    # Nobody needs what this recovery syncs.
    server = Server(path, {"fsync": "off"})
    try:
        if server.query("select to_regclass('kv') is null") == [["t"]]:
            return {}
        # Rows as the table has them, whatever the index says; then whether the two agree.
        rows = server.query("set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off; table kv")
        if len({key for key, _ in rows}) < len(rows):
            raise common.Violated("corrupt: a key is there twice")
        server.query(INDEXES)
        return dict(rows)
    finally:
        server.kill()


if __name__ == "__main__":
    common.main(sys.modules[__name__])
