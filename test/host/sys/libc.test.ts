import { describe, expect, it } from 'vitest';
import { mountVerdict } from '../../../src/checks/filesystem-outcome.ts';
import { errnoName, SystemCallError } from '../../../src/host/sys/libc.ts';

describe('errnoName', () => {
  it.each([
    [1, 'EPERM'],
    [5, 'EIO'],
    [11, 'EAGAIN'],
    [22, 'EINVAL'],
    [61, 'ENODATA'],
    [74, 'EBADMSG'],
    [95, 'EOPNOTSUPP'],
    [117, 'EUCLEAN'],
    [9999, 'errno 9999'],
  ])('of %i is %s', (errno, name) => expect(errnoName(errno)).toBe(name));

  it('lets what ext4 and xfs answer damage with be blamed on them', () => {
    for (const errno of [74, 117]) {
      const { code } = new SystemCallError('mount', errno, '/dev/loop0');
      expect(mountVerdict(code, [])).toMatchObject({ kind: 'violated', class: 'unmountable', blamed: 'filesystem' });
    }
  });
});
