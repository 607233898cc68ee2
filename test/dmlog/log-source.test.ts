import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logInMemory, openLogFile } from '../../src/dmlog/log-source.ts';
import { ReadWindow } from '../../src/dmlog/read-window.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'powercut-source-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Content in which each four bytes say where they are. */
function numbered(sizeBytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4)).map((_, position) => position * 2654435761);
  return Buffer.from(words.buffer).subarray(0, sizeBytes);
}

function fileOf(content: Uint8Array): string {
  const path = join(folder, 'a.log');
  writeFileSync(path, content);
  return path;
}

describe('openLogFile', () => {
  it('reads the same bytes as the file holds, in any order and size', () => {
    const content = numbered(3_000_001);
    const source = openLogFile(fileOf(content));
    const range = fc
      .tuple(fc.nat(content.length), fc.oneof(fc.nat(600), fc.nat(70_000), fc.nat(2_000_000)))
      .map(([offset, length]) => ({ offset, length: Math.min(length, content.length - offset) }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        for (const { offset, length } of ranges) {
          const buffer = Buffer.alloc(length);
          source.read(buffer, offset);
          expect(buffer.equals(content.subarray(offset, offset + length))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
    source.close();
  });

  it('refuses to read behind the end', () => {
    const source = openLogFile(fileOf(numbered(1000)));
    expect(() => source.read(Buffer.alloc(2), 999)).toThrow(/a\.log: byte 999: 2 bytes .* ends at 1000/);
    source.close();
  });

  it('says so when the file shrinks while it is read', () => {
    const path = fileOf(numbered(1000));
    const source = openLogFile(path);
    truncateSync(path, 10);
    expect(() => source.read(Buffer.alloc(600), 0)).toThrow(
      expect.objectContaining({
        code: 'bad-log',
        message: expect.stringMatching(/byte 10: the file has become shorter/),
      }),
    );
    source.close();
  });

  it('may be closed twice', () => {
    const source = openLogFile(fileOf(numbered(10)));
    source.close();
    expect(() => source.close()).not.toThrow();
  });

  it('refuses what is no regular file, without waiting on a pipe', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [folder, pipe, '/dev/null']) {
      expect(() => openLogFile(path)).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });

  it('names a file that is not there', () => {
    expect(() => openLogFile(join(folder, 'none'))).toThrow(/cannot open the write log .*none: ENOENT/);
  });
});

describe('logInMemory', () => {
  it('refuses to read behind the end', () => {
    const source = logInMemory(numbered(100));
    expect(() => source.read(Buffer.alloc(1), 100)).toThrow(expect.objectContaining({ code: 'bad-log' }));
    expect(() => source.read(Buffer.alloc(1), -1)).toThrow(expect.objectContaining({ code: 'bad-log' }));
  });
});

describe('ReadWindow', () => {
  /** Counts calls and bytes of a walk with a step, over a file of 64 MiB that is not there. */
  function walk(stepBytes: number, sizeBytes = 64 * 1024 * 1024) {
    const cost = { calls: 0, bytes: 0, headers: 0 };
    const window = new ReadWindow(sizeBytes, (buffer) => {
      cost.calls += 1;
      cost.bytes += buffer.length;
    });
    const header = Buffer.alloc(512);
    for (let offset = 0; offset + 512 <= sizeBytes; offset += stepBytes) {
      window.read(header, offset);
      cost.headers += 1;
    }
    return cost;
  }

  it('needs one call for about a MiB when headers are close together', () => {
    expect(walk(4608).calls).toBeLessThan(80);
  });

  it('does not read the data between headers that are far apart', () => {
    const cost = walk(1024 * 1024);
    expect(cost.bytes).toBeLessThanOrEqual((cost.headers + 1) * 16 * 1024);
  });

  it('does not serve a window whose filling failed', () => {
    let fails = false;
    const window = new ReadWindow(100_000, (buffer) => {
      if (fails) throw new Error('disk');
      buffer.fill(1);
    });
    const buffer = Buffer.alloc(4);
    window.read(buffer, 0);
    fails = true;
    expect(() => window.read(buffer, 90_000)).toThrow('disk');
    expect(() => window.read(buffer, 0)).toThrow('disk');
  });
});
