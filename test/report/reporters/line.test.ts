import { describe, expect, it } from 'vitest';
import { createLineReporter, LINE_INTERVAL_MS } from '../../../src/report/reporters/line.ts';
import { summarise } from '../../../src/report/summary.ts';
import { report, VIOLATED } from '../canned-events.ts';
import { fakeContext, plainText, play } from '../fake-context.ts';

describe('the line reporter', () => {
  it('writes this', () => {
    const context = fakeContext();
    expect(play(createLineReporter, context)).toEqual([]);
    expect(`\n${context.written.stderr}`).toMatchInlineSnapshot(`
      "
      recording ext4 with a guest, user-mode Linux (not running as root)
      note: the workload printed "ready" twice
      recorded 7f3a in 4.1 s: 2526 entries, 1010 flushes, 502 marks; kept in .powercut/recordings/7f3a
      replaying ext4: 8 of 10 crash states differ (each-barrier; seed 1); 3 workers with this kernel, 6.18.44
      note: no --check: only the file system and --recover are judged
      finding: lost (store) at p347: acked 12, recovered 11
      unknown at p4: the check exited with status 4
      replaying ext4: 4/8 states (50%), 0.7/s, 5.9 s left, 1 finding, 1 unknown
      unknown at p5: the check exited with status 5
      unknown at p6: the check exited with status 6 (further ones are only counted)
      replaying ext4: 6/8 states (75%), 0.4/s, 5.3 s left, 1 finding, 3 unknown
      replayed ext4:data=ordered: 981 states in 1 min 35 s, 36 violated, 2 unknown
      "
    `);
    expect(context.written.stdout).toBe(`${summarise(report(VIOLATED)).join('\n')}\n`);
    expect(context.timerCount()).toBe(0);
  });

  it('tells how far it is now and then, and only while something is under way', () => {
    const context = fakeContext();
    const reporter = createLineReporter(context);
    reporter.onEvent({ type: 'record-start', filesystem: 'xfs', runner: 'r' });
    context.pass(2 * LINE_INTERVAL_MS);
    expect(context.written.stderr.split('\n').slice(1)).toEqual([
      'recording xfs: starting, 10.0 s',
      'recording xfs: starting, 20.0 s',
      '',
    ]);
    reporter.onEvent({
      type: 'record-end',
      recording: { ...VIOLATED.recording!, folder: 'f' },
      durationMs: 20_000,
    });
    const before = context.written.stderr;
    context.pass(5 * LINE_INTERVAL_MS);
    expect(context.written.stderr).toBe(before);
  });

  it('never moves a cursor, in colour either', () => {
    const context = fakeContext({ environment: { FORCE_COLOR: '1' } });
    play(createLineReporter, context);
    const output = context.written.stderr + context.written.stdout;
    expect(output).toContain('\u001B[31mfinding\u001B[39m');
    expect(plainText(output)).not.toContain('\u001B');
  });
});
