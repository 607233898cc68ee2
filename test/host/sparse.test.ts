import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copySparse, nonZeroRuns, sparseSha256, writeAll, zeroRange } from '../../src/host/sparse.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const BLOCK_BYTES = 4096;
const path = useTemporaryFolder();

/** A file by its size and the stretches that were written to it: zeros that were written are no holes. */
interface Image {
  readonly sizeBytes: number;
  readonly writes: readonly { readonly offsetBytes: number; readonly lengthBytes: number; readonly fill: number }[];
}

/** Not whole blocks, and larger than what is read at once. */
const anyImage: fc.Arbitrary<Image> = fc.integer({ min: 1, max: 5 * 512 }).chain((sectors) => {
  const sizeBytes = sectors * 1024 - (sectors % 3 === 0 ? 100 : 0);
  const write = fc
    .record({
      at: fc.nat(sizeBytes - 1),
      length: fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.nat(2_000_000)),
      fill: fc.nat(3),
    })
    .map(({ at, length, fill }) => ({ offsetBytes: at, lengthBytes: Math.min(length + 1, sizeBytes - at), fill }));
  return fc.record({ sizeBytes: fc.constant(sizeBytes), writes: fc.array(write, { maxLength: 6 }) });
});

function make(name: string, { sizeBytes, writes }: Image): Buffer {
  const model = Buffer.alloc(sizeBytes);
  const fd = openSync(path(name), 'w');
  ftruncateSync(fd, sizeBytes);
  for (const { offsetBytes, lengthBytes, fill } of writes) {
    model.fill(fill, offsetBytes, offsetBytes + lengthBytes);
    writeSync(fd, model, offsetBytes, lengthBytes, offsetBytes);
  }
  closeSync(fd);
  return model;
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

describe('nonZeroRuns', () => {
  it('tells every block that is not all zero, once, in order, and no other', () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const model = make('a', image);
        const fd = openSync(path('a'), 'r');
        const found = Buffer.alloc(model.length);
        let end = 0;
        for (const { offsetBytes, bytes } of nonZeroRuns(fd, 'a')) {
          expect(offsetBytes % BLOCK_BYTES).toBe(0);
          expect(offsetBytes).toBeGreaterThanOrEqual(end);
          expect(bytes.length).toBeLessThanOrEqual(1 << 20);
          for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
            expect(isZero(bytes.subarray(at, at + BLOCK_BYTES))).toBe(false);
          }
          bytes.copy(found, offsetBytes);
          end = offsetBytes + bytes.length;
        }
        closeSync(fd);
        expect(end).toBeLessThanOrEqual(model.length);
        expect(found.equals(model)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('copySparse', () => {
  it('makes the same content of the same size', () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const model = make('a', image);
        copySparse(path('a'), path('b'));
        expect(readFileSync(path('b')).equals(model)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('stores no zeros, also where the source does', () => {
    writeFileSync(path('a'), Buffer.concat([Buffer.alloc(8 << 20), Buffer.alloc(BLOCK_BYTES, 1)]));
    copySparse(path('a'), path('b'));
    expect(statSync(path('b')).size).toBe((8 << 20) + BLOCK_BYTES);
    expect(statSync(path('b')).blocks * 512).toBeLessThan(1 << 20);
  });

  it('looks only where it is told that there is data', () => {
    writeFileSync(path('a'), Buffer.alloc(4 * BLOCK_BYTES, 1));
    copySparse(path('a'), path('b'), [{ offsetBytes: BLOCK_BYTES, lengthBytes: 2 * BLOCK_BYTES }]);
    const model = Buffer.alloc(4 * BLOCK_BYTES).fill(1, BLOCK_BYTES, 3 * BLOCK_BYTES);
    expect(readFileSync(path('b')).equals(model)).toBe(true);
  });

  it('replaces what was there', () => {
    writeFileSync(path('a'), 'short');
    writeFileSync(path('b'), 'x'.repeat(100_000));
    copySparse(path('a'), path('b'));
    expect(readFileSync(path('b'), 'utf8')).toBe('short');
  });

  it('fails without a source and makes nothing', () => {
    expect(() => copySparse(path('none'), path('b'))).toThrow('ENOENT');
    expect(statSync(path('b'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('sparseSha256', () => {
  it('is the same for every layout of the same content', () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const model = make('a', image);
        writeFileSync(path('full'), model);
        copySparse(path('full'), path('sparse'));
        expect(new Set(['a', 'full', 'sparse'].map((name) => sparseSha256(path(name)))).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it('differs when a byte, its place or the size differs', () => {
    const variants = [
      Buffer.alloc(40_000),
      Buffer.alloc(40_001),
      Buffer.alloc(40_000).fill(1, 0, 1),
      Buffer.alloc(40_000).fill(2, 0, 1),
      Buffer.alloc(40_000).fill(1, 1, 2),
      Buffer.alloc(40_000).fill(1, BLOCK_BYTES, BLOCK_BYTES + 1),
      Buffer.alloc(40_000).fill(1, 39_999),
      Buffer.alloc(0),
    ];
    const digests = variants.map((content) => {
      writeFileSync(path('a'), content);
      return sparseSha256(path('a'));
    });
    expect(new Set(digests).size).toBe(variants.length);
  });

  it('is a published format: frozen', () => {
    writeFileSync(
      path('a'),
      Buffer.concat([Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES, 'x'), Buffer.alloc(512)]),
    );
    // sha256 of block number 1 and its content, then the size 8704, both as 64-bit little-endian numbers.
    expect(sparseSha256(path('a'))).toBe('ea37d851f38928add946a80d59e81a7acb7924077d889acc9e539fead973f572');
  });
});

describe('zeroRange', () => {
  it('makes exactly that range read as zeros and keeps the size', () => {
    const anyRange = fc.nat(99_999).chain((from) => fc.tuple(fc.constant(from), fc.nat(100_000 - from)));
    fc.assert(
      fc.property(anyRange, ([from, length]) => {
        const model = Buffer.alloc(100_000, 'x');
        writeFileSync(path('a'), model);
        const fd = openSync(path('a'), 'r+');
        zeroRange(fd, 'a', from, length);
        closeSync(fd);
        model.fill(0, from, from + length);
        expect(readFileSync(path('a')).equals(model)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('writeAll', () => {
  it('writes at the place that it is told', () => {
    writeFileSync(path('a'), 'abcdef');
    const fd = openSync(path('a'), 'r+');
    writeAll(fd, Buffer.from('XY'), 2);
    closeSync(fd);
    expect(readFileSync(path('a'), 'utf8')).toBe('abXYef');
  });
});
