import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/host/run-command.ts';

const options = { cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, timeoutMs: 60_000 };
const print = (bytes: number): string[] => ['head', '-c', String(bytes), '/dev/zero'];

describe('runCommand', () => {
  it('keeps 64 KiB of output unless more is asked for, and says when it was cut', async () => {
    const short = await runCommand(print(65_536), options);
    expect([short.stdout.length, short.stdoutCut]).toEqual([65_536, false]);
    const cut = await runCommand(print(65_537), options);
    expect([cut.stdout.length, cut.stdoutCut]).toEqual([65_536, true]);
    const whole = await runCommand(print(3_000_000), { ...options, stdoutBytesMax: 3_000_000 });
    expect([whole.stdout.length, whole.stdoutCut]).toEqual([3_000_000, false]);
  });
});
