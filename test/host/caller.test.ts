import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { giveToCaller, makeCallersFolder } from '../../src/host/caller.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const CALLER = 4321;
const GROUP = 8765;
const sudo = (uid: string, gid: string): void => {
  vi.stubEnv('SUDO_UID', uid);
  vi.stubEnv('SUDO_GID', gid);
};
const ownerOf = (name: string): string => {
  const { uid, gid } = lstatSync(path(name));
  return `${uid}:${gid}`;
};
const mine = `${process.geteuid?.()}:${process.getegid?.()}`;
afterEach(() => vi.unstubAllEnvs());

describe.skipIf(process.geteuid?.() !== 0)('under sudo (needs root)', () => {
  it('a folder goes to the caller with all that is in it, a link as itself', () => {
    sudo(String(CALLER), String(GROUP));
    mkdirSync(path('made/below'), { recursive: true });
    writeFileSync(path('made/below/file'), '');
    writeFileSync(path('elsewhere'), '');
    symlinkSync(path('elsewhere'), path('made/link'));
    giveToCaller(path('made'));
    for (const name of ['made', 'made/below', 'made/below/file', 'made/link']) {
      expect([name, ownerOf(name)]).toEqual([name, `${CALLER}:${GROUP}`]);
    }
    expect(ownerOf('elsewhere')).toBe(mine);
  });

  it('so does a file', () => {
    sudo(String(CALLER), String(GROUP));
    writeFileSync(path('r.json'), '');
    giveToCaller(path('r.json'));
    expect(ownerOf('r.json')).toBe(`${CALLER}:${GROUP}`);
  });

  it('of a path only the folders go that were made', () => {
    sudo(String(CALLER), String(GROUP));
    mkdirSync(path('there'));
    writeFileSync(path('there/before'), '');
    makeCallersFolder(path('there/a/b'));
    makeCallersFolder(path('there/a'));
    expect(['there', 'there/before', 'there/a', 'there/a/b'].map(ownerOf)).toEqual([
      mine,
      mine,
      `${CALLER}:${GROUP}`,
      `${CALLER}:${GROUP}`,
    ]);
  });

  it.each([
    ['', ''],
    ['4321', ''],
    ['root', 'root'],
    ['-1', '-1'],
  ])('nothing is given to uid %j, gid %j', (uid, gid) => {
    sudo(uid, gid);
    writeFileSync(path('file'), '');
    giveToCaller(path('file'));
    expect(ownerOf('file')).toBe(mine);
  });
});
