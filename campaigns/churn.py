#!/usr/bin/python3
"""Makes, grows, overwrites, renames and deletes files, syncing now and then. usage: churn.py DIR COUNT"""
import os
import sys

folder, count = sys.argv[1], int(sys.argv[2])
os.write(1, b'ready\n')
for number in range(count):
    path = os.path.join(folder, '%s%d' % ('ab'[number % 2], number % 23))
    with open(path, 'r+b' if os.path.exists(path) and number % 3 else 'wb') as file:
        file.seek(1000 * (number % 4))
        file.write(bytes([number % 251]) * (700 * (number % 11 + 1)))
        file.flush()
        os.fsync(file.fileno())
    if number % 5 == 0:
        os.rename(path, path + '-renamed')
    if number % 7 == 0:
        for name in sorted(os.listdir(folder))[:2]:
            if os.path.isfile(os.path.join(folder, name)):
                os.unlink(os.path.join(folder, name))
        fd = os.open(folder, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
    os.write(1, b'ack %d\n' % number)
