import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/certificate.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { certificateOf } from '../../src/replay/certificate.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { sectors } from '../support/log-file.ts';
import { makeLog } from './any-log.ts';

const log = { recording: 'r', sha256: '0'.repeat(64) };

// 0 write, 1 flush, 2 FUA, 3 mark, 4 write, 5 write of two sectors, 6 discard, 7 flush, 8 write
const { index } = makeLog([
  newEntry.write(0, sectors('a')),
  newEntry.flush(),
  newEntry.fua(1, sectors('b', 2)),
  newEntry.mark('m'),
  newEntry.write(3, sectors('c')),
  newEntry.write(4, sectors('d', 2)),
  newEntry.discard(8, 2),
  newEntry.flush(),
  newEntry.write(6, sectors('e')),
]);
const certificate = (state: string): Certificate => certificateOf(index, log, parseCrashState(state));

/** One line a claim. */
const claims = (state: string): string[] =>
  certificate(state).writes.map(({ entries, disk, sectors: parts, rule, barrier }) =>
    [entries.join(' '), disk, ...(parts ? [`(${parts.join(' ')})`] : []), rule, barrier].join(' ').trim(),
  );

describe('a certificate', () => {
  it('says which log, which state, and when the power went', () => {
    expect(certificate('p2+5.1')).toMatchObject({
      formatVersion: 1,
      state: 'p2+5.1',
      log: { recording: 'r', sha256: '0'.repeat(64), entries: 9 },
      crashPoint: 2,
      cutBefore: 7,
      assumption: 'torn-512',
    });
    expect(certificate('p7')).not.toHaveProperty('cutBefore');
    expect(certificate('base')).not.toHaveProperty('crashPoint');
    expect(certificate('p7~7')).toMatchObject({ lyingFrom: 7, assumption: 'lying-flush' });
  });

  it.each([
    ['base', ['0,0 absent in-flight 1', '2,8 absent behind-barrier 1']],
    ['p1+2.0', ['0,0 present covered-by-flush 1', '2,2 torn (0,0) in-flight 2', '4,8 absent behind-barrier 2']],
    [
      'p2+5.1',
      [
        '0,0 present covered-by-flush 1',
        '2,2 present fua',
        '4,4,6,6 absent in-flight 7',
        '5,5 torn (1,1) in-flight 7',
        '8,8 absent behind-barrier 7',
      ].map((line) => line.replace('4,4,6,6', '4,4 6,6')),
    ],
    ['p7=6', ['0,5 present covered-by-flush 7', '6,6 absent discard-undefined', '8,8 absent in-flight']],
    [
      'p7~7+5,8',
      [
        '0,0 present covered-by-flush 1',
        '2,2 present fua',
        '4,4 6,6 absent lying-flush 7',
        '5,5 present lying-flush 7',
        '8,8 present in-flight',
      ],
    ],
  ])('gives the rule for every write of %s', (state, expected) => expect(claims(state)).toEqual(expected));

  it('is short for a group of ten thousand writes', () => {
    const writes = Array.from({ length: 10_000 }, () => newEntry.write(0, sectors('a')));
    const many = makeLog([...writes, newEntry.flush()]).index;
    const text = JSON.stringify(certificateOf(many, log, parseCrashState('p400+402-7000,7002-9998')));
    expect(text.length).toBeLessThan(600);
  });
});
