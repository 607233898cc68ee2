/** A recording of two writes, made here; then every way in which one cannot be trusted, planted one at a time. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { END_MARK } from '../../src/dmlog/layout.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { readEntries } from '../../src/dmlog/reader.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { acceptCapture, type CaptureFiles } from '../../src/engine/accept-capture.ts';
import { StepError } from '../../src/errors.ts';
import { endMark, startMark } from '../../src/stores/mark-text.ts';
import { sampleBytes, sampleLog, type SampleLog } from '../dmlog/samples.ts';
import { SECTOR, sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const NONCE = '7f3a';
const SIZE_BYTES = 64 * 4096;
const path = useTemporaryFolder();

const start = newEntry.mark(startMark(NONCE));
const flush = newEntry.flush();
const end = newEntry.mark(endMark(NONCE));
const last = newEntry.mark(END_MARK);
const around = (...entries: readonly NewLogEntry[]): NewLogEntry[] => [start, ...entries, flush, end, last];

const WORK = [newEntry.write(3, sectors('a', 2)), flush, newEntry.fua(8, sectors('b')), newEntry.mark('ack:0')];

/** A capture with its data device as the log says; whatever is to be wrong with it is said here. */
interface Planted {
  readonly entries?: readonly NewLogEntry[];
  readonly status?: string;
  readonly sectorBytes?: number;
  /** Changes the device that the log is compared with. */
  readonly spoil?: (data: Buffer) => void;
  readonly base?: Buffer;
  readonly sizeBytes?: number;
}

function capture(planted: Planted = {}): CaptureFiles {
  const { entries = around(...WORK), status = '0 512 log-writes 9 20', sectorBytes = SECTOR } = planted;
  const sizeBytes = planted.sizeBytes ?? SIZE_BYTES;
  const base = planted.base ?? Buffer.alloc(sizeBytes, 'z');
  const data = Buffer.from(base);
  for (const { sector = 0, data: written = [] } of entries) data.set(written, sector * SECTOR);
  planted.spoil?.(data);
  for (const folder of ['recording', 'scratch']) mkdirSync(path(folder), { recursive: true });
  writeFileSync(path('recording', 'base.img'), base);
  writeFileSync(path('data.img'), data);
  writeFileSync(path('log.img'), writeLog(entries, { sectorBytes: SECTOR }));
  // The log device is larger than its log.
  truncateSync(path('log.img'), readFileSync(path('log.img')).length + 100 * SECTOR);
  return {
    folder: path('recording'),
    nonce: NONCE,
    sizeBytes,
    sectorBytes,
    data: path('data.img'),
    log: path('log.img'),
    status,
    scratch: path('scratch'),
  };
}

/** As if they had been made here. */
function capturedEntries(name: SampleLog): NewLogEntry[] {
  const log = sampleBytes(name);
  return [...readEntries(sampleLog(name))].map(({ flags, sector, mark, dataOffsetBytes, dataBytes }) => ({
    flags,
    sector,
    ...(mark !== undefined && { mark }),
    ...(dataBytes > 0 && { data: log.subarray(dataOffsetBytes, dataOffsetBytes + dataBytes) }),
  }));
}

function refusal(planted: Planted): StepError {
  const files = capture(planted);
  try {
    acceptCapture(files);
  } catch (error) {
    expect(error).toBeInstanceOf(StepError);
    return error as StepError;
  }
  throw new Error('it was accepted');
}

function expectRefusal(planted: Planted, reason: string): void {
  const error = refusal(planted);
  expect(error.code).toBe('capture-refused');
  expect(error.message).toBe(`the recording cannot be trusted and was thrown away: ${reason}`);
}

const NOT_THE_WHOLE_TRUTH = (byte: number): string =>
  `base image + log differs from the recorded device at byte ${byte}: the log is not the whole truth`;

describe('a good capture', () => {
  it('is accepted, and its log ends with the end mark', () => {
    const logBytes = writeLog(around(...WORK), { sectorBytes: SECTOR }).length;
    expect(acceptCapture(capture())).toEqual({ logBytes });
  });

  it('is proved with what the base image holds where it is said to hold data, which need not be read elsewhere', () => {
    const base = Buffer.alloc(SIZE_BYTES).fill('z', 0, 4096);
    const files = capture({ base });
    expect(() => acceptCapture({ ...files, baseExtents: [{ offsetBytes: 0, lengthBytes: 4096 }] })).not.toThrow();
    expect(() => acceptCapture({ ...files, baseExtents: [] })).toThrow(NOT_THE_WHOLE_TRUTH(0));
  });

  it('may hold anything where the log discarded', () => {
    const spoil = (data: Buffer): unknown => data.fill('?', 3 * SECTOR, 4 * SECTOR);
    expect(() => acceptCapture(capture({ entries: around(...WORK, newEntry.discard(3, 1)), spoil }))).not.toThrow();
  });

  it('may hold the content of a FUA write that the log lists before the plain write', () => {
    const entries = around(newEntry.fua(0, sectors('b', 2)), newEntry.write(1, sectors('a')));
    const spoil = (data: Buffer): unknown => data.fill('b', SECTOR, 2 * SECTOR);
    expect(() => acceptCapture(capture({ entries, spoil }))).not.toThrow();
    expect(() => acceptCapture(capture({ entries }))).not.toThrow();
    expectRefusal({ entries, spoil: (data) => data.fill('q', SECTOR, 2 * SECTOR) }, NOT_THE_WHOLE_TRUTH(SECTOR));
  });

  it('is the captured one of SQLite on ext4, with a flush at its end', () => {
    const entries = capturedEntries('sqlite-wal-ext4.log.img').toSpliced(-2, 0, flush);
    const files = capture({ entries, base: sampleBytes('sqlite-wal-ext4.base.img'), sizeBytes: 64 << 20 });
    writeFileSync(files.data, sampleBytes('sqlite-wal-ext4.final.img'));
    expect(() => acceptCapture(files)).not.toThrow();
  });
});

describe('a capture is refused when', () => {
  it('the kernel stopped logging', () => {
    const status = '0 512 log-writes 9 20 logging_disabled';
    const { code, message } = refusal({ status });
    expect(code).toBe('capture-refused');
    expect(message).toContain(`the kernel stopped logging (status: ${status})`);
    expect(message).toContain('--vm-memory');
  });

  it.each<[string, Planted, string]>([
    [
      'its log does not end with the kernel’s own mark',
      { entries: [start, ...WORK, flush, end] },
      'its last entry is not the mark dm-log-writes-end: the log is cut short',
    ],
    ['it is empty', { entries: [] }, 'its last entry is not the mark dm-log-writes-end: the log is cut short'],
    [
      'it begins with something else',
      { entries: [newEntry.write(3, sectors('a')), ...around()] },
      "it does not start with this run's mark start:7f3a",
    ],
    [
      'it begins with the mark of another run',
      { entries: [newEntry.mark(startMark('0000')), ...WORK, flush, end, last] },
      "it does not start with this run's mark start:7f3a",
    ],
    [
      'it ends with the mark of another run',
      { entries: [start, ...WORK, flush, newEntry.mark(endMark('0000')), last] },
      "this run's mark end:7f3a is not its last but one entry",
    ],
    [
      'something was logged behind its end',
      { entries: [start, ...WORK, flush, end, newEntry.write(0, sectors('x')), last] },
      "this run's mark end:7f3a is not its last but one entry",
    ],
    [
      'it has no end',
      { entries: [start, ...WORK, flush, last] },
      "this run's mark end:7f3a is not its last but one entry",
    ],
    [
      'its last I/O is no flush',
      { entries: [start, ...WORK, newEntry.write(0, sectors('x')), end, last] },
      'its last I/O is not a flush: the order of its tail is unknown',
    ],
    [
      'its last I/O is a FUA write',
      { entries: [start, flush, newEntry.fua(0, sectors('x')), end, last] },
      'its last I/O is not a flush: the order of its tail is unknown',
    ],
    ['its sectors are not the device’s', { sectorBytes: 4096 }, "the log's sectors are 512 bytes, the device's 4096"],
  ])('%s', (_, planted, reason) => expectRefusal(planted, reason));

  it.each([
    ['in what the log wrote', 3 * SECTOR + 7],
    ['at the first byte', 0],
    ['at the last byte', SIZE_BYTES - 1],
  ])('one byte differs %s', (_, byte) => {
    expectRefusal({ spoil: (data) => data.fill('?', byte, byte + 1) }, NOT_THE_WHOLE_TRUTH(byte));
  });

  it('the device has something where base and log have nothing, or nothing where they have something', () => {
    const base = Buffer.alloc(SIZE_BYTES);
    expectRefusal({ base, spoil: (data) => data.fill(1, 99_999, 100_000) }, NOT_THE_WHOLE_TRUTH(99_999));
    expectRefusal({ base, spoil: (data) => data.fill(0) }, NOT_THE_WHOLE_TRUTH(3 * SECTOR));
  });

  it('a byte differs beside what was discarded, or where something was written again', () => {
    const entries = around(newEntry.discard(10, 4), newEntry.write(12, sectors('w')));
    const { sector: rewritten, beside } = { sector: 12 * SECTOR, beside: 14 * SECTOR };
    const zeros = (data: Buffer): unknown => data.fill(0, 10 * SECTOR, 12 * SECTOR);
    for (const byte of [rewritten, beside]) {
      expectRefusal(
        { entries, spoil: (data) => [zeros(data), data.fill('?', byte, byte + 1)] },
        NOT_THE_WHOLE_TRUTH(byte),
      );
    }
  });

  it('a header is damaged, or names a place behind the device', () => {
    const files = capture();
    const log = readFileSync(files.log);
    log[SECTOR + 16] = 0xff;
    writeFileSync(files.log, log);
    expect(() => acceptCapture(files)).toThrow(expect.objectContaining({ code: 'bad-log' }));
    expect(() => acceptCapture({ ...capture(), sizeBytes: 8 * SECTOR })).toThrow(
      /entry 3 .* ends at byte 4608 of the device/,
    );
  });
});

describe('the captured log whose tail was spliced in front of older entries', () => {
  const name = 'e2-remove-splice-inversion-512.log';
  const captured = capturedEntries(name);
  const sizeBytes = 32 << 20;
  /** Entries 25 to 34 were the newest writes: the device held their `v` at the end. */
  const spoil = (data: Buffer): void => {
    for (const { sector = 0, data: newest } of captured.slice(25, 35)) data.set(newest!, sector * SECTOR);
  };

  it('is refused as it is: nothing in it is this run’s', () => {
    expectRefusal({ entries: captured, spoil, sizeBytes }, "it does not start with this run's mark start:7f3a");
  });

  it('is refused for its contents even if it had all marks and a flush', () => {
    const entries = around(...captured.slice(0, -1));
    expectRefusal({ entries, spoil, sizeBytes }, NOT_THE_WHOLE_TRUTH(16_000 * SECTOR));
  });

  it('would be accepted only for a device that it tells the truth about', () => {
    expect(() => acceptCapture(capture({ entries: around(...captured.slice(0, -1)), sizeBytes }))).not.toThrow();
  });
});
