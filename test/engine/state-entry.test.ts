import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BadVerdict } from '../../src/checks/verdict.ts';
import { StateEntry } from '../../src/engine/state-entry.ts';
import { StorePlace } from '../../src/engine/store-place.ts';
import { ext4 } from '../../src/filesystems/ext4.ts';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const DEVICE = { path: '/dev/null', name: 'null' };
const DAMAGED: BadVerdict = {
  kind: 'violated',
  class: 'unmountable',
  blamed: 'filesystem',
  invariant: 'mounts',
  message: 'mounting failed with EUCLEAN',
};
const BUSY: BadVerdict = { kind: 'unknown', reason: 'mounting failed with EBUSY' };

/** What is mended leaves a file, and what is entered fails as it is told. */
function entryInto(marker: string, outcome: 'clean' | 'damaged', error?: Error): StateEntry {
  const filesystem: Filesystem = {
    ...ext4,
    mend: { argv: () => ['touch', marker], outcome: () => outcome },
  };
  class FakePlace extends StorePlace {
    override enter(): void {
      if (error) throw error;
    }
  }
  const request = { mountOptions: [], checkTimeoutMs: 10_000 };
  return new StateEntry(filesystem, new FakePlace(filesystem), request, () => []);
}

describe('mending a state that does not mount', () => {
  const folder = useTemporaryFolder();

  it.each([
    ['is tried on damage, and the state is entered', DAMAGED, 'clean', undefined, { mended: true, ran: true }],
    ['is no use where damage is left', DAMAGED, 'damaged', undefined, { mended: false, ran: true }],
    ['is no use where it does not mount then either', DAMAGED, 'clean', new Error('no'), { mended: false, ran: true }],
    ["is not tried on this machine's own failure", BUSY, 'clean', undefined, { mended: false, ran: false }],
  ] as const)('%s', async (name, failure, outcome, error, expected) => {
    const marker = folder(name.replaceAll(/\W/g, '-'));
    const mended = await entryInto(marker, outcome, error).mend(DEVICE, failure);
    expect({ mended, ran: existsSync(marker) }).toEqual(expected);
  });

  it('does nothing where the file system has no way to', async () => {
    const { mend: _, ...unmendable } = ext4;
    const entry = new StateEntry(
      unmendable,
      new StorePlace(unmendable),
      { mountOptions: [], checkTimeoutMs: 1 },
      () => [],
    );
    expect(await entry.mend(DEVICE, DAMAGED)).toBe(false);
  });
});
