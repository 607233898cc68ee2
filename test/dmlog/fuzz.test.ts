import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PowercutError } from '../../src/errors.ts';
import { crashPoints, nextBarrier } from '../../src/dmlog/barrier.ts';
import { describeEntry, describeLog } from '../../src/dmlog/describe.ts';
import { epochs } from '../../src/dmlog/epoch.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import { findInversions } from '../../src/dmlog/overlap.ts';
import { readEntries, readSuperblock } from '../../src/dmlog/reader.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { anyEntries } from './any-entries.ts';

/** Everything that reads a log, one after the other. */
function useLog(bytes: Uint8Array, deviceBytes: number | undefined): void {
  const source = logInMemory(bytes);
  for (const entry of readEntries(source, { deviceBytes })) describeEntry(entry);
  const index = indexLog(source, { deviceBytes });
  for (const point of crashPoints(index)) nextBarrier(index, point);
  for (const epoch of epochs(index)) expect(epoch.groupFirst).toBeLessThanOrEqual(epoch.groupEnd);
  findInversions(index);
  describeLog(index, readSuperblock(source));
}

/** The only two outcomes: it works, or it is a `bad-log`. Anything else is thrown on. */
function outcomeOf(bytes: Uint8Array, deviceBytes?: number): 'read' | 'refused' {
  try {
    useLog(bytes, deviceBytes);
    return 'read';
  } catch (error) {
    if (error instanceof PowercutError && error.code === 'bad-log') return 'refused';
    throw error;
  }
}

const anySectorBytes = fc.constantFrom(512, 4096);
const anyLog = anySectorBytes.chain((sectorBytes) =>
  anyEntries(sectorBytes, 8).map((entries) => writeLog(entries, { sectorBytes })),
);
/** A value that finds limits, to be put over 1 to 8 bytes. */
const anyDamage = fc.record({
  sector: fc.nat(40),
  offsetBytes: fc.oneof(fc.nat(40), fc.nat(511)),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(Buffer.alloc(8, 0xff), Buffer.alloc(8), Buffer.from('ffffffffffff1f00', 'hex')),
  ),
});

function damaged(log: Buffer, damages: readonly { sector: number; offsetBytes: number; bytes: Uint8Array }[]): Buffer {
  const copy = Buffer.from(log);
  for (const { sector, offsetBytes, bytes } of damages) {
    const at = (sector * 512 + offsetBytes) % copy.length;
    copy.set(bytes.subarray(0, copy.length - at), at);
  }
  return copy;
}

describe('any bytes are read or refused, nothing else', () => {
  it('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => outcomeOf(bytes) === 'refused'));
  });

  it('random bytes behind a valid superblock', () => {
    fc.assert(
      fc.property(
        anySectorBytes,
        fc.uint8Array({ maxLength: 4096 }),
        fc.nat(),
        (sectorBytes, bytes, claimedEntries) => {
          outcomeOf(Buffer.concat([writeLog([], { sectorBytes, claimedEntries }), bytes]));
        },
      ),
    );
  });

  it('a valid log is read', () => {
    fc.assert(fc.property(anyLog, (log) => outcomeOf(log) === 'read'));
  });

  it('a valid log with damage', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        anyLog,
        fc.array(anyDamage, { minLength: 1, maxLength: 3 }),
        fc.option(fc.nat(2 ** 20)),
        (log, damages, device) => {
          seen.add(outcomeOf(damaged(log, damages), device ?? undefined));
        },
      ),
      { numRuns: 500 },
    );
    // Both must have been met, or the damage tests nothing.
    expect([...seen].sort()).toEqual(['read', 'refused']);
  });

  it('a valid log, cut', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), (log, length) => {
        expect(outcomeOf(log.subarray(0, length % log.length))).toBe('refused');
      }),
    );
  });
});
