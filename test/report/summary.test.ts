import { describe, expect, it } from 'vitest';
import { createColours } from '../../src/report/colour.ts';
import { summarise } from '../../src/report/summary.ts';
import { HELD, KERNEL, report, VIOLATED } from './canned-events.ts';
import { plainText } from './fake-context.ts';

const textOf = (...runs: Parameters<typeof report>): string => `\n${summarise(report(...runs)).join('\n')}\n`;

describe('summarise', () => {
  it('words a run that held', () => {
    expect(textOf(HELD)).toMatchInlineSnapshot(`
      "
      ok: all of 100 tested crash states held

      xfs (each-barrier)
        states: 103 planned, 100 distinct, 100 tested, 3 deduplicated, 0 reused, 0 skipped, 0 violated, 0 unknown
        recording: 9c01, 410 entries, 100 flushes, 3 FUA, 42 marks
        time: replayed in 840 ms, 119 states/s

      powercut 0.1.0, kernel 6.1.176 (a guest, user-mode Linux), node v20.20.2
      "
    `);
  });

  it('words what all verdicts of a run assume', () => {
    const lines = summarise(report({ ...HELD, assumptions: ['barrier=0: no flushes', 'no journal'] }));
    expect(lines.filter((line) => line.includes('assumes'))).toEqual([
      '  assumes: barrier=0: no flushes',
      '  assumes: no journal',
    ]);
  });

  it('words findings, and what could not be judged', () => {
    expect(textOf(VIOLATED, HELD)).toMatchInlineSnapshot(`
      "
      violated: 2 findings, in 36 of 1081 tested crash states
      also unknown: 2 of 1081 tested crash states could not be judged

      ext4:data=ordered (each-barrier, torn)
        states: 1012 planned, 981 distinct, 981 tested, 29 deduplicated, 402 reused, 2 skipped, 36 violated, 2 unknown
        recording: 7f3a, 2526 entries, 1010 flushes, 12 FUA, 502 marks
        time: recorded in 2.1 s, replayed in 1 min 35 s, 10.3 states/s

        finding 1: kernel: EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: checksum invalid (and 2 more)
          blamed: the file system (invariant kernel-quiet)
          assumes: torn-512, a disk that may write part of a request, in units of 512 bytes
          state: p3, 0 acknowledged, last good none
          shared by: 1 state
          reproduce:
            npx powercut replay .powercut/recordings/7f3a --state p3

        finding 2: lost: acked 12, recovered 11
          blamed: the store (invariant check)
          assumes: cache, an honest disk with a volatile write cache
          state: p347, 12 acknowledged, last good p340
          shared by: 35 states
          reproduce:
            npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'

        not judged:
          1 state, such as p500: the check was still running at its limit of 30 s and was stopped
          1 state, such as p501: the check was ended by SIGSEGV

      xfs (each-barrier)
        states: 103 planned, 100 distinct, 100 tested, 3 deduplicated, 0 reused, 0 skipped, 0 violated, 0 unknown
        recording: 9c01, 410 entries, 100 flushes, 3 FUA, 42 marks
        time: replayed in 840 ms, 119 states/s

      powercut 0.1.0, kernel 6.1.176 (a guest, user-mode Linux), node v20.20.2
      "
    `);
  });

  it('words a run that stopped early', () => {
    const states = { ...HELD.states, tested: 60, unknown: 1 };
    const unknowns = [{ reason: 'the engine died', state: 'p7', states: 1 }];
    expect(textOf({ ...HELD, states, unknowns })).toMatchInlineSnapshot(`
      "
      unknown: 1 of 60 tested crash states could not be judged; 40 of 100 crash states not tested

      xfs (each-barrier)
        states: 103 planned, 100 distinct, 60 tested, 3 deduplicated, 0 reused, 0 skipped, 0 violated, 1 unknown
        recording: 9c01, 410 entries, 100 flushes, 3 FUA, 42 marks
        time: replayed in 840 ms, 119 states/s

        not judged:
          1 state, such as p7: the engine died

      powercut 0.1.0, kernel 6.1.176 (a guest, user-mode Linux), node v20.20.2
      "
    `);
  });

  it('words a plan without states', () => {
    const states = {
      planned: 0,
      distinct: 0,
      tested: 0,
      deduplicated: 0,
      reused: 0,
      skipped: 0,
      violated: 0,
      unknown: 0,
    };
    expect(textOf({ ...HELD, states }).split('\n')[1]).toBe('unknown: there was no crash state to test');
  });

  it('says that states were skipped, though the rest held', () => {
    expect(textOf({ ...HELD, states: { ...HELD.states, skipped: 2 } }).split('\n')[1]).toBe(
      'ok: all of 100 tested crash states held; 2 skipped, whose content the log does not tell',
    );
  });

  it('does not let a verdict on a shard pass for one on the whole', () => {
    const whole = { planned: 300, distinct: 300, skipped: 0 };
    const own = { planned: 103, distinct: 100, skipped: 0 };
    const shard = { index: 2, count: 3, plan: 'p', options: 'o', own, whole, spaces: [] };
    expect(textOf({ ...HELD, shard }).split('\n')[1]).toBe(
      'ok: all of 100 tested crash states held (shard 2 of 3 alone)',
    );
    expect(textOf({ ...HELD, shard })).toContain('\nxfs (each-barrier), shard 2 of 3\n');
    expect(textOf({ ...VIOLATED, shard }).split('\n')[1]).toMatch(/ \(shard 2 of 3 alone\)$/);
    const unjudged = { ...HELD, shard, states: { ...HELD.states, tested: 1 } };
    expect(textOf(unjudged).split('\n')[1]).toMatch(/^unknown: .* \(shard 2 of 3 alone\)$/);
  });

  it('counts one of a thing as one', () => {
    const states = { ...HELD.states, distinct: 1, tested: 1, violated: 1 };
    expect(textOf({ ...HELD, states, findings: [KERNEL] }).split('\n')[1]).toBe(
      'violated: 1 finding, in 1 of 1 tested crash state',
    );
  });

  it('lets nothing out of a message that a terminal obeys', () => {
    const findings = [{ ...KERNEL, message: 'a\u001B[2Jb\nc' }];
    expect(textOf({ ...VIOLATED, findings })).toContain('kernel: a\\u{1b}[2Jb | c\n');
  });

  it('differs in colour only', () => {
    const coloured = summarise(report(VIOLATED), createColours(true)).join('\n');
    expect(plainText(coloured)).toBe(summarise(report(VIOLATED)).join('\n'));
    expect(coloured).toContain('\u001B[1m\u001B[31mviolated\u001B[39m\u001B[22m');
  });
});
