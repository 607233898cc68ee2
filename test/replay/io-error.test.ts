import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { assumptionOf } from '../../src/replay/assumption.ts';
import { certificateOf } from '../../src/replay/certificate.ts';
import { describeState } from '../../src/replay/describe-state.ts';
import { IO_ERROR_END, IO_ERROR_START, ioErrorBefore } from '../../src/replay/io-error.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { sectors } from '../support/log-file.ts';
import { kernelLog, makeLog } from './any-log.ts';

// 0 write, 1 flush, 2 ack, 3 start, 4 end, 5 write, 6 flush, 7 ack, 8 write, 9 flush
const { index } = makeLog([
  newEntry.write(0, sectors('a')),
  newEntry.flush(),
  newEntry.mark('ack:1'),
  newEntry.mark(IO_ERROR_START),
  newEntry.mark(IO_ERROR_END),
  newEntry.write(1, sectors('b')),
  newEntry.flush(),
  newEntry.mark('ack:2'),
  newEntry.write(2, sectors('c')),
  newEntry.flush(),
]);
// 0 write, 1 flush, 2 start, 3 ack, 4 write, 5 flush
const acknowledged = makeLog([
  newEntry.write(0, sectors('a')),
  newEntry.flush(),
  newEntry.mark(IO_ERROR_START),
  newEntry.mark('ack:1'),
  newEntry.write(1, sectors('b')),
  newEntry.flush(),
]).index;

describe('a state that is younger than the first failed write', () => {
  it.each([
    ['base', undefined],
    // Nothing in it, and nothing that counts, is from behind the mark at 3: the power may have gone before.
    ['p1', undefined],
    ['p3', undefined],
    ['p1+5', 3],
    ['p5', 3],
    ['p6', 3],
    ['p9', 3],
  ])('holds something from behind the mark: %s', (state, expected) => {
    expect(ioErrorBefore(index, parseCrashState(state))).toBe(expected);
    expect(assumptionOf(index, parseCrashState(state))).toBe(expected === undefined ? 'cache' : 'io-error');
  });

  it('or is held to something that was promised behind it', () => {
    expect(ioErrorBefore(acknowledged, parseCrashState('p1'))).toBe(2);
    expect(ioErrorBefore(acknowledged, parseCrashState('base'))).toBeUndefined();
  });

  it('is not asked for what was promised behind a lying flush', () => {
    expect(ioErrorBefore(acknowledged, parseCrashState('p1~1'))).toBeUndefined();
    expect(assumptionOf(acknowledged, parseCrashState('p1~1'))).toBe('lying-flush');
    expect(assumptionOf(acknowledged, parseCrashState('p5~5'))).toBe('io-error');
  });

  it('is rotten before all, where a bit is flipped', () => {
    expect(assumptionOf(index, parseCrashState('p9%0.0'))).toBe('bit-rot');
  });

  it('says so in its certificate, and in words', () => {
    const log = { recording: 'r', sha256: '0'.repeat(64) };
    const certificate = certificateOf(index, log, parseCrashState('p6'));
    expect(certificate).toMatchObject({ assumption: 'io-error', ioErrorFrom: 3 });
    expect(describeState(certificate)).toContain('writes had failed, from entry 3 of the log on');
    expect(certificateOf(index, log, parseCrashState('p1'))).not.toHaveProperty('ioErrorFrom');
  });

  it('is none in a log without that mark', () => {
    const none = fc.property(kernelLog(), fc.nat(), (entries, at) => {
      const made = makeLog(entries.filter(({ mark }) => mark !== IO_ERROR_START)).index;
      fc.pre(made.entryCount > 0);
      expect(ioErrorBefore(made, parseCrashState(`p${at % made.entryCount}`))).toBeUndefined();
    });
    fc.assert(none, { numRuns: 50 });
  });
});
