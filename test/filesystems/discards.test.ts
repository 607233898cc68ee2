import { describe, expect, it } from 'vitest';
import { discards } from '../../src/filesystems/discards.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';

describe('discards', () => {
  it.each([
    ['ext4', [], false],
    ['ext4', ['data=journal', 'discard'], true],
    ['ext4', ['discard', 'nodiscard'], false],
    ['xfs', [], false],
    ['xfs', ['discard'], true],
    ['btrfs', [], true],
    ['btrfs', ['nodiscard'], false],
    ['btrfs', ['nodiscard', 'discard=async'], true],
    ['f2fs', ['discard_unit=block'], true],
    ['raw', [], false],
  ] as const)('%s with %j: %s', (name, options, expected) => {
    expect(discards(FILESYSTEMS[name], options)).toBe(expected);
  });
});
