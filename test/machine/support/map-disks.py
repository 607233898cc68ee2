"""Maps every loop device whose file lies below FOLDER, and reads all of it over and over, as a curious monitor might.

usage: map-disks.py FOLDER
"""
import glob
import mmap
import os
import sys
import time

held = {}
while True:
    for path in glob.glob('/sys/block/loop*/loop/backing_file'):
        name = path.split('/')[3]
        try:
            with open(path) as backing:
                if not backing.read().startswith(sys.argv[1]):
                    continue
            if name not in held:
                fd = os.open('/dev/' + name, os.O_RDONLY)
                size = os.lseek(fd, 0, os.SEEK_END)
                held[name] = mmap.mmap(fd, size, prot=mmap.PROT_READ), size
                os.close(fd)
            pages, size = held[name]
            for at in range(0, size, 4096):
                pages[at]
        except (OSError, ValueError):
            # It is gone.
            held.pop(name, None)
    time.sleep(0.001)
