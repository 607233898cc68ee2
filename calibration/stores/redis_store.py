#!/usr/bin/python3 -B
"""Redis by Debian's redis-server. common.py has the usage."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import common

START_SECONDS = 20
POLL_SECONDS = 0.003


def add_options(workload):
    workload.add_argument("--appendfsync", choices=["always", "everysec", "no"], default="always")
    workload.add_argument("--rdb", action="store_true", help="no append-only file; save after every second with a change")


class Refused(Exception):
    """An error that the server reports, or its end."""


class Server:
    """One server and one connection. Its socket and its transcript are outside the store's folder."""

    def __init__(self, directory, options):
        self.outside = tempfile.mkdtemp(prefix="calibration-redis-")
        self.transcript = os.path.join(self.outside, "transcript")
        path = os.path.join(self.outside, "socket")
        always = ["--port", "0", "--unixsocket", path, "--dir", directory, "--logfile", self.transcript]
        words = ["redis-server", *always, "--daemonize", "no", "--save", "", *options]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            self.connect(path)
        except BaseException:
            self.kill()
            raise

    def connect(self, path):
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                raise Refused("the server ended with %s: %s" % (self.process.returncode, self.last_words()))
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not answer within %d s" % START_SECONDS)
            try:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.connect(path)
                self.answers = self.socket.makefile("rb")
                self.command("PING")
                return
            except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
                pass
            except Refused as refused:
                if self.process.poll() is None and "LOADING" not in str(refused) and "closed" not in str(refused):
                    raise
            time.sleep(POLL_SECONDS)

    def last_words(self):
        try:
            with open_text(self.transcript) as lines:
                # Each begins with the process, the time and a sign for how grave it is.
                return ([line.strip() for line in lines if line.strip()] or [""])[-1].split(" # ")[-1]
        except FileNotFoundError:
            return ""

    def command(self, *words):
        parts = [word.encode("latin1") for word in words]
        request = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        self.socket.sendall(request)
        return self.answer()

    def answer(self):
        line = self.answers.readline()
        kind, rest = line[:1], line[1:-2]
        if not line:
            raise Refused("connection closed: %s" % self.last_words())
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.answers.read(int(rest) + 2)[:-2].decode("latin1")
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        return rest.decode()

    def put(self, pairs):
        self.command("MULTI")
        for key, value in pairs.items():
            self.command("SET", key, value)
        self.command("EXEC")

    def checkpoint(self):
        """Rewrites the append-only file, and waits until that is done."""
        self.command("BGREWRITEAOF")
        while "aof_rewrite_in_progress:1" in self.command("INFO", "persistence"):
            time.sleep(POLL_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.outside, ignore_errors=True)


def open_text(path):
    return os.fdopen(os.open(path, os.O_RDONLY), errors="replace")


def open(directory, arguments):
    path = os.path.join(directory, "redis")
    os.mkdir(path)
    if arguments.rdb:
        return Server(path, ["--appendonly", "no", "--save", "1", "1"])
    return Server(path, ["--appendonly", "yes", "--appendfsync", arguments.appendfsync])


def read(directory, acknowledged):
    path = os.path.join(directory, "redis")
    if not os.path.isdir(path):
        return {}
    is_append_only = os.path.isdir(os.path.join(path, "appendonlydir"))
    server = None
    try:
        server = Server(path, ["--appendonly", "yes" if is_append_only else "no"])
        keys = server.command("KEYS", "*")
        return dict(zip(keys, server.command("MGET", *keys))) if keys else {}
    except Refused as refused:
        raise common.Violated("corrupt: %s" % refused) from refused
    finally:
        if server:
            server.kill()


if __name__ == "__main__":
    common.main(sys.modules[__name__])
