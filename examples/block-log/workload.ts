import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { acknowledge } from '../append-log/acknowledge.ts';
import { ArgumentError, parseCount, runMain } from '../append-log/command-line.ts';
import { encodeSlot, SLOT_BYTES } from './slot.ts';

/** A log that owns its disk: each put is one slot, durable once fsync of the device has flushed the disk's cache. */
runMain('workload DEVICE [COUNT] [--fault ack-before-fsync]', () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { fault: { type: 'string' } } });
  const [device, count = '20', ...rest] = positionals;
  if (device === undefined || rest.length > 0) throw new ArgumentError('expected a device and, if wanted, a count');
  if (![undefined, 'ack-before-fsync'].includes(values.fault)) throw new ArgumentError(`no fault "${values.fault}"`);
  const reply = process.env['POWERCUT_ACK_REPLY'];
  const replyFd = reply ? parseCount(reply, 0) : undefined;
  const fd = openSync(device, 'r+');
  writeSync(1, 'ready\n');
  for (let number = 1; number <= parseCount(count, 1); number++) {
    writeSync(fd, encodeSlot(number), 0, SLOT_BYTES, (number - 1) * SLOT_BYTES);
    // FAULT ack-before-fsync: "the kernel has it", until the next put.
    if (values.fault === undefined) fsyncSync(fd);
    acknowledge(number, replyFd);
    if (values.fault !== undefined) fsyncSync(fd);
  }
  closeSync(fd);
  return 0;
});
