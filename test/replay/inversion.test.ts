import { openSync, closeSync, writeFileSync, writeSync, truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataOffsetBytes } from '../../src/dmlog/log-index.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { isDoubtfulAt } from '../../src/replay/doubts.ts';
import type { Settlement } from '../../src/replay/inversion.ts';
import { sampleBytes } from '../dmlog/samples.ts';
import { indexFile, SECTOR, sectors, settle, writeAndIndex } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

/** @param final what the device held at the end, by sector; the rest is zeros */
function settleEntries(entries: readonly NewLogEntry[], final?: Readonly<Record<number, string>>): Settlement {
  const index = writeAndIndex(path('log'), entries);
  if (!final) return settle(index, path('log'), undefined);
  const disk = Buffer.alloc(64 * SECTOR);
  for (const [sector, letter] of Object.entries(final))
    disk.fill(letter, Number(sector) * SECTOR, (Number(sector) + 1) * SECTOR);
  writeFileSync(path('final.img'), disk);
  return settle(index, path('log'), path('final.img'));
}

const fua = (letter: string, sector = 0, count = 1): NewLogEntry => newEntry.fua(sector, sectors(letter, count));
const plain = (letter: string, sector = 0, count = 1): NewLogEntry => newEntry.write(sector, sectors(letter, count));
const flush = newEntry.flush();
const SETTLED = { corrections: new Map(), doubts: [], doubtfulSectors: [] };

describe('settleInversions', () => {
  it('has nothing to settle in a log without one', () => {
    const settlement = settleEntries([plain('a'), flush, fua('b'), flush, plain('c'), flush], { 0: 'c' });
    expect(settlement).toEqual({ ...SETTLED, inverted: 0 });
  });

  it('puts the FUA content back, sector for sector, where the device held it at the end', () => {
    const settlement = settleEntries([fua('b', 3, 4), plain('a', 4, 2), flush], { 4: 'b', 5: 'a' });
    expect(settlement.doubts).toEqual([]);
    expect(settlement.inverted).toBe(2);
    const correction = { logOffsetBytes: (1 + 1 + 1) * SECTOR, offsetBytes: 4 * SECTOR, lengthBytes: SECTOR };
    expect(settlement.corrections).toEqual(new Map([[1, [correction]]]));
  });

  it('leaves the order of the log where the device held the plain content', () => {
    expect(settleEntries([fua('b'), plain('a'), flush], { 0: 'a' })).toEqual({ ...SETTLED, inverted: 1 });
  });

  it('has no issue with equal contents, known device or not', () => {
    for (const final of [undefined, { 0: 'q' }]) {
      expect(settleEntries([fua('s'), plain('s'), flush], final)).toEqual({ ...SETTLED, inverted: 1 });
    }
  });

  it('doubts everything from the plain write on when the device is not known', () => {
    const settlement = settleEntries([fua('b'), plain('a'), flush, flush]);
    expect(settlement).toEqual({
      corrections: new Map(),
      doubts: [{ first: 1, end: 4 }],
      doubtfulSectors: [{ sector: 0, first: 1, end: 4 }],
      inverted: 1,
    });
  });

  it('doubts everything when the device held neither', () => {
    expect(settleEntries([fua('b'), plain('a'), flush], { 0: 'q' }).doubts).toEqual([{ first: 1, end: 3 }]);
  });

  it.each<[string, NewLogEntry]>([
    ['a plain write', plain('c')],
    ['a FUA write', fua('c')],
    ['a discard', newEntry.discard(0, 1)],
    ['a part of a larger write', plain('c', 0, 3)],
  ])('doubts up to the next touch of the block, which is %s', (_, touch) => {
    const settlement = settleEntries([fua('b'), plain('a'), flush, plain('x', 9), touch, flush], { 0: 'b' });
    expect(settlement).toEqual({
      corrections: new Map(),
      doubts: [{ first: 1, end: 4 }],
      doubtfulSectors: [{ sector: 0, first: 1, end: 4 }],
      inverted: 1,
    });
  });

  it('takes the data of a foreign flush for a touch of its own', () => {
    const flushWithData: NewLogEntry = { flags: flush.flags, sector: 0, data: sectors('c') };
    const settlement = settleEntries([fua('b'), plain('a'), flushWithData, flush], { 0: 'c' });
    expect(settlement.doubts).toEqual([{ first: 1, end: 2 }]);
  });

  it('does not take a write beside the block for a touch, nor an empty flush that names it', () => {
    const commit: NewLogEntry = { flags: flush.flags, sector: 1 };
    const entries = [fua('b', 1), plain('a', 1), flush, plain('x', 0), plain('y', 2), commit, newEntry.mark('m')];
    expect(settleEntries(entries, { 1: 'a' }).doubts).toEqual([]);
  });

  it('goes by the last FUA write and the last plain write, and doubts what stood in between', () => {
    const entries = [fua('1'), fua('2'), plain('3'), plain('4'), flush];
    expect(settleEntries(entries, { 0: '4' })).toEqual({
      corrections: new Map(),
      doubts: [{ first: 2, end: 3 }],
      doubtfulSectors: [{ sector: 0, first: 2, end: 3 }],
      inverted: 1,
    });
    expect([...settleEntries(entries, { 0: '2' }).corrections.keys()]).toEqual([3]);
    expect(settleEntries(entries, { 0: '1' }).doubts).toEqual([{ first: 2, end: 5 }]);
  });

  it('settles each epoch by itself', () => {
    const settlement = settleEntries([fua('a', 0), plain('b', 0), flush, fua('c', 1), plain('d', 1), flush], {
      0: 'a',
      1: 'c',
    });
    expect([...settlement.corrections.keys()]).toEqual([1, 4]);
    const again = settleEntries([fua('a'), plain('b'), flush, fua('c'), plain('d'), flush], { 0: 'c' });
    expect(again.doubts).toEqual([{ first: 1, end: 3 }]);
    expect([...again.corrections.keys()]).toEqual([4]);
  });

  it('believes no content of a discard', () => {
    expect(settleEntries([fua('b'), newEntry.discard(0, 1), flush], {}).doubts).toEqual([{ first: 1, end: 3 }]);
    expect([...settleEntries([fua('b'), newEntry.discard(0, 1), flush], { 0: 'b' }).corrections.keys()]).toEqual([1]);
  });
});

describe('the inversion that went through ext4', () => {
  const FUA = 129;
  const PLAIN = 131;
  const [sector, count] = [17026, 8];

  /** @param winner the entry whose content the device held at the end; undefined for another content */
  function settleCaptured(winner: number | undefined): Settlement {
    writeFileSync(path('log'), sampleBytes('r2-ext4-commit-and-fua-inversion.log'));
    const index = indexFile(path('log'));
    writeFileSync(path('final.img'), '');
    truncateSync(path('final.img'), 64 << 20);
    if (winner !== undefined) {
      const from = dataOffsetBytes(index, winner);
      const data = sampleBytes('r2-ext4-commit-and-fua-inversion.log').subarray(from, from + count * SECTOR);
      const fd = openSync(path('final.img'), 'r+');
      writeSync(fd, data, 0, data.length, sector * SECTOR);
      closeSync(fd);
    }
    return settle(index, path('log'), path('final.img'));
  }

  it('is put right when the device held the FUA content', () => {
    const settlement = settleCaptured(FUA);
    expect(settlement.doubts).toEqual([]);
    expect(settlement.inverted).toBe(count);
    expect([...settlement.corrections.keys()]).toEqual([PLAIN]);
    const places = settlement.corrections.get(PLAIN)!.map(({ offsetBytes }) => offsetBytes / SECTOR);
    expect(places).toEqual(Array.from({ length: count }, (_, i) => sector + i));
  });

  it('is left alone when the device held the plain content', () => {
    expect(settleCaptured(PLAIN)).toEqual({ ...SETTLED, inverted: count });
  });

  it('takes out the states from there to the end when the device held something else', () => {
    const { doubts, corrections } = settleCaptured(undefined);
    expect(corrections.size).toBe(0);
    expect(doubts).toEqual([{ first: PLAIN, end: 152 }]);
    expect([129, 134, 150].map((point) => isDoubtfulAt(doubts, point))).toEqual([false, true, true]);
  });
});
