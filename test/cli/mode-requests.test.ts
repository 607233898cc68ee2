import { describe, expect, it } from 'vitest';
import { modeRequests } from '../../src/cli/mode-requests.ts';
import { loadSettings, type Settings } from '../../src/cli/settings.ts';
import type { Flags } from '../../src/cli/flags.ts';
import { MANIFEST } from '../pipeline/made-recording.ts';

const settings = (flags: Flags = {}): Promise<Settings> =>
  loadSettings({ fs: ['xfs', 'ext4:data=journal'], workload: 'true {dir}', check: 'true {dir}', ...flags });

describe('modeRequests', () => {
  it('records and replays each mode on its own kernel', async () => {
    const requests = modeRequests(await settings(), ['6.1', '6.12']);
    const told = requests.map(({ mode, record, replay }) => {
      const { kernel } = replay({ folder: '/r', manifest: MANIFEST });
      return [mode.name, record.filesystem.text, record.kernel, kernel];
    });
    expect(told).toEqual([
      ['xfs, kernel 6.1', 'xfs', '6.1', '6.1'],
      ['xfs, kernel 6.12', 'xfs', '6.12', '6.12'],
      ['ext4:data=journal, kernel 6.1', 'ext4:data=journal', '6.1', '6.1'],
      ['ext4:data=journal, kernel 6.12', 'ext4:data=journal', '6.12', '6.12'],
    ]);
  });

  it('leaves the kernel to the settings when none is compared', async () => {
    const [plain, configured] = [await settings(), await settings({ kernel: 'host' })].map((each) =>
      modeRequests(each, []).map(({ mode, record }) => [mode.name, record.kernel]),
    );
    expect(plain).toEqual([
      ['xfs', undefined],
      ['ext4:data=journal', undefined],
    ]);
    expect(configured).toEqual([
      ['xfs', 'host'],
      ['ext4:data=journal', 'host'],
    ]);
  });

  it('tells every workload the same seed, and every replay the same strategies', async () => {
    const requests = modeRequests(await settings({ seed: 7, torn: true }), []);
    for (const { record, replay } of requests) {
      expect(record.env['POWERCUT_SEED']).toBe('7');
      const { strategies, seed } = replay({ folder: '/r', manifest: MANIFEST });
      expect({ names: strategies.map(({ name }) => name), seed }).toEqual({ names: ['torn'], seed: 7 });
    }
  });
});
