import { describe, expect, it } from 'vitest';
import { createTerminalReporter } from '../../../src/report/reporters/terminal.ts';
import { summarise } from '../../../src/report/summary.ts';
import { CANNED, report, VIOLATED } from '../canned-events.ts';
import { fakeContext, play, screenOf } from '../fake-context.ts';

describe('the terminal reporter', () => {
  it('leaves this on the screen', () => {
    const context = fakeContext({ isTTY: true, environment: { NO_COLOR: '1' } });
    expect(play(createTerminalReporter, context)).toEqual([]);
    expect(`\n${screenOf(context.written.stderr).join('\n')}`).toMatchInlineSnapshot(`
      "
      recording ext4 with a guest, user-mode Linux (not running as root)
      note: the workload printed "ready" twice
      recorded 7f3a in 4.1 s: 2526 entries, 1010 flushes, 502 marks; kept in .powercut/recordings/7f3a
      replaying ext4: 8 of 10 crash states differ (each-barrier; seed 1); 3 workers with this kernel, 6.18.44
      note: no --check: only the file system and --recover are judged
      finding: lost (store) at p347: acked 12, recovered 11
      unknown at p4: the check exited with status 4
      unknown at p5: the check exited with status 5
      unknown at p6: the check exited with status 6 (further ones are only counted)
      replayed ext4:data=ordered: 981 states in 1 min 35 s, 36 violated, 2 unknown
      "
    `);
    expect(context.written.stdout).toBe(`${summarise(report(VIOLATED)).join('\n')}\n`);
  });

  it('keeps one status line below what stays', () => {
    const context = fakeContext({ isTTY: true, environment: { NO_COLOR: '1' } });
    const reporter = createTerminalReporter(context);
    const seen: string[] = [];
    for (const [stepMs, event] of CANNED) {
      context.pass(stepMs);
      reporter.onEvent(event);
      seen.push(screenOf(context.written.stderr).at(-2) ?? '');
    }
    expect(`\n${seen.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      recording ext4: starting, 0 ms
      recording ext4: starting, 0 ms
      recording ext4: mkfs, 500 ms
      recording ext4: workload, 3.1 s
      recorded 7f3a in 4.1 s: 2526 entries, 1010 flushes, 502 marks; kept in .powercut/recordings/7f3a
      replaying ext4: 0/8 states (0%), 0 ms, 0 findings
      replaying ext4: 0/8 states (0%), 385 ms, 0 findings
      replaying ext4: 1/8 states (12%), 1.3/s, 5.5 s left, 0 findings
      replaying ext4: 2/8 states (25%), 1.7/s, 3.6 s left, 0 findings
      replaying ext4: 3/8 states (37%), 2.5/s, 2.0 s left, 1 finding
      replaying ext4: 3/8 states (37%), 2.5/s, 2.0 s left, 1 finding
      replaying ext4: 3/8 states (37%), 2.5/s, 2.0 s left, 1 finding
      replaying ext4: 4/8 states (50%), 0.8/s, 5.2 s left, 1 finding, 1 unknown
      replaying ext4: 5/8 states (62%), 0.5/s, 5.5 s left, 1 finding, 2 unknown
      replaying ext4: 6/8 states (75%), 0.5/s, 4.4 s left, 1 finding, 3 unknown
      replaying ext4: 6/8 states (75%), 0.3/s, 5.7 s left, 1 finding, 3 unknown
      replayed ext4:data=ordered: 981 states in 1 min 35 s, 36 violated, 2 unknown
      replayed ext4:data=ordered: 981 states in 1 min 35 s, 36 violated, 2 unknown
      "
    `);
  });

  it('lets the clock move between events, at most ten times a second', () => {
    const context = fakeContext({ isTTY: true, environment: { NO_COLOR: '1' } });
    const reporter = createTerminalReporter(context);
    reporter.onEvent({ type: 'record-start', filesystem: 'xfs', runner: 'r' });
    const before = context.written.stderr.length;
    context.pass(1000);
    const redraws = context.written.stderr.slice(before).split('\u001B[0J').length - 1;
    expect(redraws).toBe(10);
    expect(screenOf(context.written.stderr).at(-2)).toBe('recording xfs: starting, 1.0 s');
  });

  it('does not redraw for each of many states', () => {
    const context = fakeContext({ isTTY: true, environment: { NO_COLOR: '1' } });
    const reporter = createTerminalReporter(context);
    const start = CANNED.find(([, event]) => event.type === 'replay-start')![1];
    reporter.onEvent(start);
    const before = context.written.stderr.length;
    for (let index = 0; index < 99; index++) {
      context.pass(1);
      const verdict = { kind: 'ok' } as const;
      reporter.onEvent({ type: 'state-end', state: `p${index}`, acked: 0, verdict, deduplicatedStates: 0 });
    }
    expect(context.written.stderr.slice(before)).toBe('');
  });

  it('cuts the status line where it would wrap', () => {
    const context = fakeContext({ isTTY: true, columns: 20, environment: { NO_COLOR: '1' } });
    createTerminalReporter(context).onEvent({ type: 'record-start', filesystem: 'ext4:data=journal', runner: 'r' });
    expect(screenOf(context.written.stderr)).toEqual(['recording ext4:data=journal with r', 'recording ext4:data', '']);
  });

  it('gives the terminal back when the run ends without an end', () => {
    const context = fakeContext({ isTTY: true, environment: { NO_COLOR: '1' } });
    const reporter = createTerminalReporter(context);
    reporter.onEvent({ type: 'record-start', filesystem: 'xfs', runner: 'r' });
    expect(context.timerCount()).toBe(1);
    reporter.close?.();
    reporter.close?.();
    expect(context.timerCount()).toBe(0);
    expect(screenOf(context.written.stderr)).toEqual(['recording xfs with r', '']);
    expect(context.written.stdout).toBe('');
  });
});
