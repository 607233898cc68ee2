#!/usr/bin/python3
"""The reference workload: appends of 4 KiB to one file, each synced and acknowledged.

usage: appends.py DIR COUNT | appends.py DIR --bulk MIB   (other data, before recording)
"""
import os
import sys

folder = sys.argv[1]
if sys.argv[2] == '--bulk':
    for number in range(int(sys.argv[3])):
        with open(os.path.join(folder, 'bulk-%d' % number), 'wb') as file:
            file.write(os.urandom(1 << 20))
    sys.exit(0)
fd = os.open(os.path.join(folder, 'log.dat'), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
os.fsync(fd)
os.write(1, b'ready\n')
for number in range(int(sys.argv[2])):
    os.write(fd, (b'%08d' % number) * 512)
    os.fsync(fd)
    os.write(1, b'ack %d\n' % number)
