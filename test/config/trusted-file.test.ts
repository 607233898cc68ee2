import { chownSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertTrustedFile, processCaller } from '../../src/config/trusted-file.ts';

const isRoot = process.getuid!() === 0;

/** Giving files to other users needs root; the rest of the rule is tested in load-config.test.ts. */
describe.skipIf(!isRoot)('assertTrustedFile, with real owners (needs root)', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'powercut-trust-'));
    path = join(folder, 'powercut.config.json');
    writeFileSync(path, '{}', { mode: 0o644 });
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const own = (folderOwner: number, fileOwner: number): void => {
    chownSync(path, fileOwner, fileOwner);
    chownSync(folder, folderOwner, folderOwner);
  };

  it.each([
    [1000, 1000, 1000],
    [0, 1000, 1000],
    [1000, 0, 1000],
    [0, 0, 1000],
    [1000, 1000, undefined],
    [0, 1000, undefined],
  ])('trusts folder of %i, file of %i, sudo by %s', async (folderOwner, fileOwner, sudoUserId) => {
    own(folderOwner, fileOwner);
    await assertTrustedFile(path, { effectiveUserId: 0, ...(sudoUserId !== undefined && { sudoUserId }) });
  });

  it.each([
    [1000, 1001, 1000, 'user 1001, who owns it'],
    [1001, 1000, 1000, 'user 1001, who owns it'],
    [1001, 1000, undefined, 'user 1001, who owns it'],
    [1001, 0, undefined, 'user 1001, who owns it'],
  ])('refuses folder of %i, file of %i, sudo by %s', async (folderOwner, fileOwner, sudoUserId, message) => {
    own(folderOwner, fileOwner);
    const caller = { effectiveUserId: 0, ...(sudoUserId !== undefined && { sudoUserId }) };
    await expect(assertTrustedFile(path, caller)).rejects.toThrow(message);
  });
});

describe('processCaller', () => {
  const before = process.env['SUDO_UID'];
  afterEach(() => {
    if (before === undefined) delete process.env['SUDO_UID'];
    else process.env['SUDO_UID'] = before;
  });

  it('knows who called sudo', () => {
    process.env['SUDO_UID'] = '1234';
    expect(processCaller()).toEqual({ effectiveUserId: process.geteuid!(), sudoUserId: 1234 });
    process.env['SUDO_UID'] = '';
    expect(processCaller()).toEqual({ effectiveUserId: process.geteuid!() });
  });
});
