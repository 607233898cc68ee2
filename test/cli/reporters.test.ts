import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openReporters, withReporters, type ReportSettings } from '../../src/cli/reporters.ts';
import { StepError } from '../../src/errors.ts';
import { report, VIOLATED } from '../report/canned-events.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { rememberListeners } from './run-main.ts';

const path = useTemporaryFolder();
const END = { type: 'run-end', report: report(VIOLATED) } as const;

let forget: () => void;
beforeEach(() => void (forget = rememberListeners()));
afterEach(() => {
  forget();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** @returns the status, with what was said on standard error */
async function run(settings: ReportSettings, status = 0): Promise<{ status: number; stderr: string }> {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const answer = await withReporters(settings, (reporters) => {
    reporters.onEvent(END);
    return Promise.resolve(status);
  });
  return { status: answer, stderr: write.mock.calls.map(([text]) => String(text)).join('') };
}

describe('withReporters', () => {
  it('writes several files at once', async () => {
    const reporter = [`junit=${path('j.xml')}`, `jsonl=${path('e.jsonl')}`];
    expect(await run({ reporter }, 1)).toEqual({ status: 1, stderr: '' });
    expect(readFileSync(path('j.xml'), 'utf8')).toContain('<failure type="lost"');
    expect(readFileSync(path('e.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });

  it('is no success when a file that was asked for is not whole; a verdict stays what it is', async () => {
    const said = 'powercut: the reporter "junit=/dev/full" failed and is left out from here on: ENOSPC';
    const held = await run({ reporter: ['junit=/dev/full'] });
    expect(held).toEqual({ status: 70, stderr: expect.stringContaining(said) as string });
    expect((await run({ reporter: ['junit=/dev/full'] }, 1)).status).toBe(1);
    expect((await run({ reporter: ['junit=/dev/full'] }, 2)).status).toBe(2);
  });

  it('tells the reporters why the run failed, and hands the failure on', async () => {
    const failure = new StepError('engine-lost', 'the engine is gone');
    const settings = { reporter: [`junit=${path('j.xml')}`] };
    await expect(withReporters(settings, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(readFileSync(path('j.xml'), 'utf8')).toContain('<error type="run-failed" message="the engine is gone"');
  });

  it.runIf(process.geteuid?.() === 0)('gives a new file to who called sudo, and leaves others theirs (root)', () => {
    vi.stubEnv('SUDO_UID', '1234');
    vi.stubEnv('SUDO_GID', '1235');
    openReporters({ reporter: [`junit=${path('new')}`] }).close();
    expect(statSync(path('new'))).toMatchObject({ uid: 1234, gid: 1235 });
    vi.unstubAllEnvs();
    openReporters({ reporter: [`junit=${path('mine')}`] }).close();
    vi.stubEnv('SUDO_UID', '1234');
    vi.stubEnv('SUDO_GID', '1235');
    openReporters({ reporter: [`junit=${path('mine')}`] }).close();
    expect(statSync(path('mine'))).toMatchObject({ uid: 0, gid: 0 });
  });
});

describe('openReporters', () => {
  it.each<[ReportSettings, string]>([
    [
      { reporter: ['jsonl'], json: '-' },
      '--json - and --reporter jsonl would both write to standard output; give it a file: jsonl=FILE',
    ],
    [{ reporter: ['junit=here/../r'], json: './r' }, '--json ./r and --reporter junit would both write there'],
    [{ reporter: ['junit=/no/such/folder/j.xml'] }, '--reporter: /no/such/folder/j.xml cannot be written: ENOENT'],
    [{ reporter: ['dots'], json: 'r' }, 'there is no reporter "dots"'],
  ])('refuses %j', (settings, message) => {
    expect(() => openReporters(settings)).toThrow(message);
    expect(existsSync('r')).toBe(false);
  });

  it('lets people read on standard error when the document has standard output', () => {
    expect(() => openReporters({ reporter: ['line'], json: '-' }).close()).not.toThrow();
  });
});
