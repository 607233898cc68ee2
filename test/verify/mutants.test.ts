/** A certificate with one wrong claim is refused, whichever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Certificate, WriteClaim } from '../../src/certificate.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { sectors } from '../support/log-file.ts';
import { anyLog, makeLog } from '../replay/any-log.ts';
import { everyState, PROVABLE } from '../replay/every-state.ts';
import { certify, prove, readBytes, sha256Of } from './prove.ts';

type Loose<T> = { -readonly [Key in keyof T]?: T[Key] | undefined };

const RULES = ['covered-by-flush', 'fua', 'in-flight', 'behind-barrier', 'discard-undefined', 'lying-flush', 'because'];
const ASSUMPTIONS = ['cache', 'torn-512', 'torn-4096', 'lying-flush', 'bit-rot', 'io-error'];

/** Every claim of one write, so that a mutant is about that write only. */
function oneByOne({ writes }: Certificate, isWrite: (entry: number) => boolean): WriteClaim[] {
  return writes.flatMap(({ entries, ...claim }) =>
    entries.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i)
        .filter(isWrite)
        .map((entry) => ({ ...claim, entries: [[entry, entry]] as const })),
    ),
  );
}

function* otherClaims(claim: WriteClaim, end: number): Generator<Loose<WriteClaim>> {
  for (const rule of RULES) if (rule !== claim.rule) yield { ...claim, rule: rule as WriteClaim['rule'] };
  for (const disk of ['present', 'absent', 'torn', 'gone'] as const) {
    if (disk !== claim.disk) yield { ...claim, disk: disk as WriteClaim['disk'] };
  }
  for (let barrier = 0; barrier <= end; barrier++) if (barrier !== claim.barrier) yield { ...claim, barrier };
  if (claim.barrier !== undefined) yield { ...claim, barrier: undefined };
  yield { ...claim, sectors: claim.sectors ? undefined : [[0, 0]] };
  yield { ...claim, sectors: [...(claim.sectors ?? []), [900, 900]] };
}

function* otherFrames(certificate: Certificate, end: number): Generator<Loose<Certificate>> {
  for (const assumption of ASSUMPTIONS) {
    if (assumption !== certificate.assumption) {
      yield { ...certificate, assumption: assumption as Certificate['assumption'] };
    }
  }
  for (const name of ['crashPoint', 'lyingFrom', 'ioErrorFrom', 'cutBefore'] as const) {
    for (let entry = 0; entry <= end; entry++) {
      if (certificate[name] !== entry) yield { ...certificate, [name]: entry };
    }
    if (certificate[name] !== undefined) yield { ...certificate, [name]: undefined };
  }
  yield { ...certificate, log: { ...certificate.log, sha256: '0'.repeat(64) } };
  yield { ...certificate, log: { ...certificate.log, entries: end + 1 } };
  yield { ...certificate, state: `${certificate.state}~${end}` };
}

describe('a certificate with one thing wrong', () => {
  it.each(PROVABLE)('is refused: %s', (_, strategy, value) => {
    const refuses = fc.property(anyLog, fc.nat(), fc.nat(), (entries, which, what) => {
      const { index, bytes } = makeLog(entries);
      const states = [...everyState(strategy, value, index)];
      if (states.length === 0) return;
      const log = readBytes(bytes);
      const whole = certify(index, sha256Of(bytes), states[which % states.length]!);
      const claims = oneByOne(whole, (entry) => log.entries[entry]!.sectors > 0);
      expect(prove({ ...whole, writes: claims }, log)).toBeUndefined();

      for (const other of otherFrames(whole, index.entryCount)) expect(prove(other, log)).toBeTypeOf('string');
      if (claims.length === 0) return;
      const at = what % claims.length;
      const without = claims.filter((_claim, i) => i !== at);
      expect(prove({ ...whole, writes: without }, log)).toMatch(/claims nothing of entry/);
      expect(prove({ ...whole, writes: [...claims, claims[at]] }, log)).toMatch(/claimed already/);
      for (const wrong of otherClaims(claims[at]!, index.entryCount)) {
        expect(prove({ ...whole, writes: [...without, wrong] }, log), JSON.stringify(wrong)).toBeTypeOf('string');
      }
    });
    fc.assert(refuses, { numRuns: 40 });
  });
});

describe('a state that is none', () => {
  // 0 write, 1 flush, 2 FUA, 3 write of two sectors, 4 discard, 5 flush, 6 write, 7 flush
  const { index, bytes } = makeLog([
    newEntry.write(0, sectors('a')),
    newEntry.flush(),
    newEntry.fua(1, sectors('b', 2)),
    newEntry.write(3, sectors('c', 2)),
    newEntry.discard(8, 2),
    newEntry.flush(),
    newEntry.write(6, sectors('d')),
    newEntry.flush(),
  ]);
  const log = readBytes(bytes);
  const whyNot = (state: string): string | undefined =>
    prove(certify(index, sha256Of(bytes), parseCrashState(state)), log);

  it.each([
    ['a survivor behind the flush that was not done', 'p2+6', /^entry 6 .*behind-barrier/],
    ['a survivor behind a FUA write that was not done', 'p1+3', /^entry 3 .*behind-barrier/],
    ['a FUA write dropped and a later write kept', 'p1+4', /^entry 4 .*behind-barrier/],
    ['a discard that is none', 'p5=3', /entry 3 is no discard/],
    ['a discard done in part', 'p3+4.0', /no disk cuts it so/],
    ['sectors that a write does not have', 'p2+3.2', /no disk cuts it so/],
    ['all sectors of a write, one by one', 'p2+3.0-1', /no disk cuts it so/],
    ['a lie of what is no flush', 'p5~3', /entry 3 is no flush that can have lied/],
    ['a lie behind the crash point', 'p2~5', /entry 5 is no flush that can have lied/],
    ['a write that is there anyway', 'p3+0', /entry 0 is there anyway/],
    ['a mark or a flush that survived', 'p0+1', /entry 1 writes nothing/],
  ])('%s', (_, state, why) => expect(whyNot(state)).toMatch(why));

  it.each(['base', 'p1', 'p1+2.1', 'p2+4', 'p4=4', 'p5=4', 'p5~5', 'p5~5+3.0', 'p1~1+2', 'p7~1+0,4', 'p5+6'])(
    'unlike %s, which is one',
    (state) => expect(whyNot(state)).toBeUndefined(),
  );
});
