import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ArgumentError, parseCount, runMain } from '../append-log/command-line.ts';
import { decodeSlot, SLOT_BYTES } from './slot.ts';

/** Holds: operations 1 to n stand in their slots, whole, where n is at least the number acknowledged, at most one more. */
runMain('check DEVICE COUNT', () => {
  const [device, count, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (device === undefined || count === undefined || rest.length > 0) {
    throw new ArgumentError('expected a device and the number of acknowledged operations');
  }
  const acknowledged = parseCount(count, 0);
  const found = readLog(device);
  const wrong = found.findIndex((number, slot) => number !== slot + 1);
  if (wrong !== -1) return violated(`corrupt: slot ${wrong} holds operation ${found[wrong]}`);
  if (found.length > acknowledged + 1)
    return violated(`phantom: ${found.length} operations, ${acknowledged} acknowledged`);
  if (found.length >= acknowledged) return 0;
  return violated(
    `lost: operation ${found.length + 1} is gone (${acknowledged} acknowledged, ${found.length} recovered)`,
  );
});

/** The store's recovery: the log ends at the first slot without a whole record. */
function readLog(device: string): number[] {
  const fd = openSync(device, 'r');
  try {
    const numbers: number[] = [];
    const slot = Buffer.alloc(SLOT_BYTES);
    for (;;) {
      const bytes = readSync(fd, slot, 0, SLOT_BYTES, numbers.length * SLOT_BYTES);
      const number = bytes === SLOT_BYTES ? decodeSlot(slot) : undefined;
      if (number === undefined) return numbers;
      numbers.push(number);
    }
  } finally {
    closeSync(fd);
  }
}

function violated(line: string): number {
  writeSync(1, `${line}\n`);
  return 1;
}
