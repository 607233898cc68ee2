import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStrength, hasBarriers, type Strength } from '../../src/filesystems/strength.ts';

describe('compareStrength', () => {
  it.each<[string, Strength, string]>([
    ['ext4:data=journal', 'stronger', 'ext4:data=ordered'],
    ['ext4:data=ordered', 'stronger', 'ext4:data=writeback'],
    ['ext4', 'same', 'ext4:data=ordered'],
    ['ext4:noauto_da_alloc', 'weaker', 'ext4'],
    ['ext4:data=journal,noauto_da_alloc', 'unranked', 'ext4'],
    ['ext4:commit=1', 'same', 'ext4:commit=60'],
    ['ext4:data=journal,barrier=0', 'weaker', 'ext4:data=writeback'],
    ['ext4:nobarrier,barrier=1', 'same', 'ext4'],
    ['ext4:mkfs.O=^has_journal', 'weaker', 'ext4'],
    ['ext2', 'weaker', 'ext4:data=writeback,noauto_da_alloc'],
    ['ext2:sync', 'unranked', 'ext4'],
    ['btrfs:nodatacow', 'weaker', 'btrfs'],
    ['btrfs:flushoncommit', 'stronger', 'btrfs'],
    ['f2fs:fsync_mode=strict', 'stronger', 'f2fs'],
    ['f2fs:fsync_mode=nobarrier', 'weaker', 'f2fs'],
    ['xfs:sync', 'stronger', 'xfs'],
    ['xfs', 'unranked', 'btrfs'],
    ['xfs', 'stronger', 'ext4:data=journal,nobarrier'],
  ])('%s is %s: %s', (left, strength, right) => {
    expect(compareStrength(left, right)).toBe(strength);
  });

  const OPTIONS = ['data=journal', 'data=writeback', 'barrier=0', 'noauto_da_alloc', 'nodatacow', 'sync', 'commit=5'];
  const anySpec = fc
    .tuple(fc.constantFrom('ext4', 'ext2', 'xfs', 'btrfs', 'f2fs', 'raw'), fc.subarray(OPTIONS))
    .map(([name, options]) => (options.length === 0 ? name : `${name}:${options.join(',')}`));
  const MIRRORED: Record<Strength, Strength> = {
    stronger: 'weaker',
    weaker: 'stronger',
    same: 'same',
    unranked: 'unranked',
  };

  it('is the opposite the other way round, and the same for the same mode', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (left, right) => {
        expect(compareStrength(right, left)).toBe(MIRRORED[compareStrength(left, right)]);
        expect(compareStrength(left, left)).toBe('same');
      }),
    );
  });

  it('has no circle: what is weaker than a weaker one is weaker', () => {
    fc.assert(
      fc.property(anySpec, anySpec, anySpec, (a, b, c) => {
        fc.pre(compareStrength(a, b) === 'weaker' && compareStrength(b, c) === 'weaker');
        expect(compareStrength(a, c)).toBe('weaker');
      }),
    );
  });
});

describe('hasBarriers', () => {
  it.each(['ext4', 'ext4:barrier=1', 'xfs', 'btrfs:nobarrier,barrier', 'f2fs:fsync_mode=strict', 'raw'])(
    '%s',
    (spec) => {
      expect(hasBarriers(spec)).toBe(true);
    },
  );

  it.each(['ext4:barrier=0', 'ext4:data=journal,nobarrier', 'f2fs:fsync_mode=nobarrier'])('not %s', (spec) => {
    expect(hasBarriers(spec)).toBe(false);
  });
});
