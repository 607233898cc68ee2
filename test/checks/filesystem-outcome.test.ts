import { describe, expect, it } from 'vitest';
import { fsckVerdict, kernelVerdict, mountVerdict } from '../../src/checks/filesystem-outcome.ts';

const violated = (violationClass: string, invariant: string, message: string) => ({
  kind: 'violated',
  class: violationClass,
  blamed: 'filesystem',
  invariant,
  message,
});

describe('mountVerdict', () => {
  it.each(['EUCLEAN', 'EINVAL', 'EIO', 'EBADMSG', 'ENOENT'])('blames the file system for %s', (failure) => {
    expect(mountVerdict(failure, [])).toEqual(violated('unmountable', 'mounts', `mounting failed with ${failure}`));
  });

  it('quotes the kernel', () => {
    const lines = ['EXT4-fs (loop0): group descriptors corrupted!', 'EXT4-fs (loop0): mount failed'];
    expect(mountVerdict('EUCLEAN', lines)).toMatchObject({
      message: `mounting failed with EUCLEAN; the kernel said: ${lines.join(' | ')}`,
    });
  });

  it.each(['ENOMEM', 'EPERM', 'ENODEV', 'EBUSY', 'EEXIST', 'ENXIO', 'EINTR'])(
    'draws no conclusion from %s',
    (failure) => {
      expect(mountVerdict(failure, [])).toEqual({ kind: 'unknown', reason: `mounting failed with ${failure}` });
    },
  );

  it('draws no conclusion from what is no error of the kernel', () => {
    expect(mountVerdict('TypeError: x', [])).toEqual({ kind: 'unknown', reason: 'mounting failed with TypeError: x' });
  });
});

describe('fsckVerdict', () => {
  const argv = ['e2fsck', '-f', '-n', '/dev/loop0'];
  const output = [
    'e2fsck 1.47.0 (5-Feb-2023)',
    'Pass 1: Checking inodes, blocks, and sizes',
    'Inode 7 has illegal block(s).  Clear? no',
    '',
    'Free blocks count wrong (1, counted=2).',
    'Fix? no',
    '/dev/loop0: 11/65536 files (0.0% non-contiguous), 5196/65536 blocks',
  ].join('\n');

  it('is quiet about a clean one', () => {
    expect(fsckVerdict('clean', argv, 0, output)).toEqual({ kind: 'ok' });
  });

  it('names the repair where it was to repair', () => {
    const repair = ['e2fsck', '-f', '-y', '/dev/loop0'];
    const verdict = fsckVerdict('damaged', repair, 4, 'Inode 7 is bad.  Clear? yes\nstatistics', 'fsck-repairs');
    expect(verdict).toEqual(
      violated('fsck', 'fsck-repairs', 'e2fsck -f -y /dev/loop0 exited with status 4: Inode 7 is bad.  Clear? yes'),
    );
  });

  it('says what was found, not the statistics below it', () => {
    expect(fsckVerdict('damaged', argv, 4, output)).toEqual(
      violated(
        'fsck',
        'fsck-clean',
        'e2fsck -f -n /dev/loop0 exited with status 4: Inode 7 has illegal block(s).  Clear? no | ' +
          'Free blocks count wrong (1, counted=2). | Fix? no',
      ),
    );
  });

  it('is unknown when the checker could not tell', () => {
    expect(fsckVerdict('could-not-tell', ['x'], 8, 'one\ntwo\n')).toEqual({
      kind: 'unknown',
      reason: 'x exited with status 8: one | two',
    });
    expect(fsckVerdict('could-not-tell', ['x'], 8, '')).toEqual({ kind: 'unknown', reason: 'x exited with status 8' });
  });
});

describe('kernelVerdict', () => {
  it('is ok when nothing was said', () => {
    expect(kernelVerdict([])).toEqual({ kind: 'ok' });
  });

  it('quotes the first line and counts the others', () => {
    expect(kernelVerdict(['EXT4-fs error (device loop0): x'])).toEqual(
      violated('kernel', 'kernel-quiet', 'EXT4-fs error (device loop0): x'),
    );
    expect(kernelVerdict(['a', 'b', 'c'])).toMatchObject({ message: 'a (and 2 more)' });
  });

  it('charges nobody with what may be about another state, unless there is something of its own', () => {
    const reason =
      'the kernel said: WARNING: b (and 1 more); it names no device, and other states were being tried on this kernel at that moment. Try this state alone, with --state and --workers 1';
    expect(kernelVerdict([], ['WARNING: b', 'Oops: c'])).toEqual({ kind: 'unknown', reason });
    expect(kernelVerdict(['a'], ['WARNING: b'])).toMatchObject({ kind: 'violated', message: 'a' });
  });
});
