import { expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { writeCostOf } from '../../src/pipeline/write-cost.ts';
import { SECTOR, sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { makeRecording } from './made-recording.ts';

const path = useTemporaryFolder();
const SET_UP = [newEntry.write(0, sectors('s', 9)), newEntry.flush()];
const WORK = [
  newEntry.write(1, sectors('a', 2)),
  newEntry.discard(8, 4),
  newEntry.flush(),
  newEntry.mark('ack:1'),
  newEntry.fua(3, sectors('b')),
  newEntry.mark('ack:2'),
  newEntry.write(4, sectors('c')),
  newEntry.flush(),
];

it('counts what was written and every barrier, to the end of the log', () => {
  const recording = makeRecording(path('r'), WORK);
  expect(writeCostOf(recording)).toEqual({ operations: 2, bytes: 4 * SECTOR, barriers: 3 });
});

it('leaves out the set-up before "ready"', () => {
  const recording = makeRecording(path('r'), [...SET_UP, newEntry.mark('ready'), ...WORK]);
  expect(writeCostOf(recording)).toEqual({ operations: 2, bytes: 4 * SECTOR, barriers: 3 });
});

it('counts all when the workload never says "ready"', () => {
  expect(writeCostOf(makeRecording(path('r'), SET_UP))).toEqual({ operations: 0, bytes: 9 * SECTOR, barriers: 1 });
});
