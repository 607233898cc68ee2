import { basename } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { operationKey, operationValue } from '../../../examples/append-log/operation.ts';
import { AppendLogStore, type StoreOptions } from '../../../examples/append-log/store.ts';
import { freshDirectory } from './made-store.ts';

/** What the store asked of the kernel, in order: `write NAME`, `fsync NAME`, `rename NAME`. */
const steps: string[] = [];
const names = new Map<number, string>();

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (...parameters: Parameters<typeof fs.openSync>) => {
      const fd = fs.openSync(...parameters);
      names.set(fd, basename(String(parameters[0])));
      return fd;
    },
    writeSync: (fd: number, bytes: Uint8Array, offset: number) => {
      steps.push(`write ${names.get(fd)}`);
      return fs.writeSync(fd, bytes, offset);
    },
    fsyncSync: (fd: number) => {
      steps.push(`fsync ${names.get(fd)}`);
      fs.fsyncSync(fd);
    },
    renameSync: (from: string, to: string) => {
      steps.push(`rename to ${basename(to)}`);
      fs.renameSync(from, to);
    },
  };
});

beforeEach(() => {
  steps.length = 0;
  names.clear();
});

/** The steps of two puts, with the moments at which they returned. */
function twoPuts(options: StoreOptions = {}): string[] {
  const directory = freshDirectory();
  const store = new AppendLogStore(directory, options);
  for (const number of [1, 2]) {
    store.put(operationKey(number), operationValue(number));
    steps.push(`put ${number} returns`);
  }
  return steps.map((step) => step.replace(basename(directory), 'directory'));
}

const SOUND = [
  'write 000001.log.tmp',
  'fsync 000001.log.tmp',
  'rename to 000001.log',
  'fsync directory',
  'put 1 returns',
  'write 000001.log.tmp',
  'fsync 000001.log.tmp',
  'put 2 returns',
];

describe('the store', () => {
  // The second write goes to the descriptor that was opened under the temporary name.
  it('has each record, and each name, on the disk before a put returns', () => {
    expect(twoPuts()).toEqual(SOUND);
  });

  it('calls beforeSync between a write and its fsync', () => {
    const neighbour = vi.fn(() => steps.push('neighbour'));
    const expected = SOUND.flatMap((step) => (step.startsWith('write') ? [step, 'neighbour'] : [step]));
    expect(twoPuts({ beforeSync: neighbour })).toEqual(expected);
  });

  it.each([
    ['rotate-without-dirsync', SOUND.filter((step) => step !== 'fsync directory')],
    ['rename-without-fsync', SOUND.filter((step, i) => !(step.startsWith('fsync 0') && i === 1))],
    ['ack-before-fsync', SOUND.filter((step, i) => !(step.startsWith('fsync 0') && i === 6))],
    ['text-records', SOUND.map((step) => step.replace('.log', '.txt'))],
  ] as const)('with the fault %s leaves out that step and no other', (fault, expected) => {
    expect(twoPuts({ fault })).toEqual(expected);
  });

  it('with the fault ack-before-fsync syncs a put when the next one comes', () => {
    const store = new AppendLogStore(freshDirectory(), { fault: 'ack-before-fsync' });
    for (const number of [1, 2, 3]) store.put(operationKey(number), operationValue(number));
    expect(steps.slice(4)).toEqual(['write 000001.log.tmp', 'fsync 000001.log.tmp', 'write 000001.log.tmp']);
  });

  it('starts several segments in a workload of 40 operations', () => {
    const store = new AppendLogStore(freshDirectory());
    for (let number = 1; number <= 40; number++) store.put(operationKey(number), operationValue(number));
    expect(steps.filter((step) => step.startsWith('rename'))).toEqual(
      [1, 2, 3, 4, 5].map((number) => `rename to 00000${number}.log`),
    );
  });
});
