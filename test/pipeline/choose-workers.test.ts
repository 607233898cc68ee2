import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { UnavailableError, UsageError } from '../../src/errors.ts';
import { btrfs } from '../../src/filesystems/btrfs.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import { chooseWorkers, twinsObstacle } from '../../src/pipeline/choose-workers.ts';
import { GIB, MIB } from '../../src/units.ts';

const PLENTY = 1024 * GIB;
const native = (states: number, imageBytes = 84 * MIB) =>
  ({ kind: 'native', items: states, runs: states, imageBytes }) as const;

describe('chooseWorkers', () => {
  it('takes a core more than there are, a guest for every 16 states, and never more than the plan has items', () => {
    const cores = availableParallelism();
    expect(chooseWorkers({}, native(1000), PLENTY)).toEqual({ workers: cores + 1 });
    expect(chooseWorkers({}, native(1), PLENTY)).toEqual({ workers: 1 });
    expect(chooseWorkers({}, native(0), PLENTY)).toEqual({ workers: 1 });
    expect(chooseWorkers({}, { ...native(10), kind: 'uml' }, PLENTY)).toEqual({ workers: 1 });
    expect(chooseWorkers({}, { ...native(1000), kind: 'uml' }, PLENTY)).toEqual({ workers: cores });
    expect(chooseWorkers({}, { ...native(1), runs: 1000 }, PLENTY)).toEqual({ workers: 1 });
  });

  it('takes as many as it is told', () => {
    expect(chooseWorkers({ workers: 7 }, native(1000), PLENTY)).toEqual({ workers: 7 });
  });

  it('takes fewer where the budget says so, and why', () => {
    expect(chooseWorkers({ workers: 7, memoryBytes: 300 * MIB }, native(1000), PLENTY)).toEqual({
      workers: 3,
      note: '3 engines instead of 7: a scratch image takes up to 100 MiB, and there are 300 MiB of --memory',
    });
    expect(chooseWorkers({ workers: 7, memoryBytes: 700 * MIB }, native(1000), PLENTY)).toEqual({ workers: 7 });
  });

  it('takes one engine where crash states can only be mounted one at a time, and says so where more would pay', () => {
    const alone = 'kernel 6.1 does not mount two';
    expect(chooseWorkers({ workers: 7 }, { ...native(1000), alone }, PLENTY)).toEqual({
      workers: 1,
      note: '1 engine instead of 7: kernel 6.1 does not mount two',
    });
    expect(chooseWorkers({ workers: 1 }, { ...native(1000), alone }, PLENTY)).toEqual({ workers: 1 });
  });

  it('takes four fifths of what is available where nobody says', () => {
    expect(chooseWorkers({ workers: 7 }, native(1000), 249 * MIB)).toEqual({
      workers: 1,
      note: '1 engine instead of 7: a scratch image takes up to 100 MiB, and there are 199.2 MiB of available memory',
    });
  });

  it('refuses a budget that is too little for one, and says for what', () => {
    const choose = (): unknown => chooseWorkers({ memoryBytes: 99 * MIB }, native(1), PLENTY);
    expect(choose).toThrow(UsageError);
    expect(choose).toThrow('--memory 99 MiB is too little for one engine: a scratch image takes up to 100 MiB');
  });

  it('refuses a machine that has no room for one', () => {
    const choose = (): unknown => chooseWorkers({}, native(1), 120 * MIB);
    expect(choose).toThrow(UnavailableError);
    expect(choose).toThrow(/too little memory.* takes up to 100 MiB, and there are 96 MiB/);
  });
});

describe('twinsObstacle', () => {
  const old = { kind: 'native', kernel: '6.1' } as const;
  const has = (): boolean => true;
  const hasNot = (): boolean => false;

  it('is there for btrfs on a kernel that does not mount clones', () => {
    expect(twinsObstacle(old, btrfs, hasNot)).toMatch(/kernel 6\.1 does not mount two btrfs images with one UUID/);
    expect(twinsObstacle(old, btrfs, has)).toBeUndefined();
  });

  it('is none among guests, each of which has a kernel of its own, and for other file systems', () => {
    expect(twinsObstacle({ kind: 'uml', kernel: '6.1' }, btrfs, hasNot)).toBeUndefined();
    expect(twinsObstacle(old, FILESYSTEMS.xfs, hasNot)).toBeUndefined();
  });
});
