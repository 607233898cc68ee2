import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fingerprint } from '../../src/replay/fingerprint.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

/** The last of its blocks is not a whole one. */
const SIZE_BYTES = 3 * 4096 + 512;
const path = useTemporaryFolder();
let baseFd = -1;
let imageFd = -1;

beforeEach(() => {
  const base = Buffer.alloc(SIZE_BYTES, 'base');
  for (const name of ['base.img', 'image.img']) writeFileSync(path(name), base);
  baseFd = openSync(path('base.img'), 'r');
  imageFd = openSync(path('image.img'), 'r+');
});
afterEach(() => [baseFd, imageFd].forEach((fd) => closeSync(fd)));

interface Write {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly fill: number;
}

const anyWrite: fc.Arbitrary<Write> = fc
  .record({ offsetBytes: fc.nat(SIZE_BYTES - 1), length: fc.integer({ min: 1, max: 6000 }), fill: fc.nat(2) })
  .map(({ offsetBytes, length, fill }) => ({
    offsetBytes,
    lengthBytes: Math.min(length, SIZE_BYTES - offsetBytes),
    fill,
  }));

function put(print: Fingerprint, { offsetBytes, lengthBytes, fill }: Write): void {
  writeSync(imageFd, Buffer.alloc(lengthBytes, fill), 0, lengthBytes, offsetBytes);
  print.touch(offsetBytes, lengthBytes);
}

function reset(): void {
  writeSync(imageFd, Buffer.alloc(SIZE_BYTES, 'base'), 0, SIZE_BYTES, 0);
}

describe('Fingerprint', () => {
  it('is equal exactly where contents are equal, whatever was written in between', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 12 }), (writes) => {
        reset();
        const print = new Fingerprint(imageFd, baseFd);
        const disk = Buffer.alloc(SIZE_BYTES, 'base');
        const valueOf = new Map<string, string>([[disk.toString('latin1'), print.value()]]);
        for (const write of writes) {
          put(print, write);
          disk.fill(write.fill, write.offsetBytes, write.offsetBytes + write.lengthBytes);
          const content = disk.toString('latin1');
          expect(valueOf.get(content) ?? print.value()).toBe(print.value());
          valueOf.set(content, print.value());
        }
        expect(new Set(valueOf.values()).size).toBe(valueOf.size);
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of the writes, nor on when it is asked', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 8 }), fc.array(fc.boolean()), (writes, asks) => {
        const values = [writes, [...writes].reverse()].map((ordered) => {
          reset();
          // The same content both times; only the blocks are named in another order.
          for (const { offsetBytes, lengthBytes, fill } of writes) {
            writeSync(imageFd, Buffer.alloc(lengthBytes, fill), 0, lengthBytes, offsetBytes);
          }
          const print = new Fingerprint(imageFd, baseFd);
          ordered.forEach(({ offsetBytes, lengthBytes }, position) => {
            print.touch(offsetBytes, lengthBytes);
            if (asks[position]) print.value();
          });
          return print.value();
        });
        expect(values[0]).toBe(values[1]);
      }),
      { numRuns: 40 },
    );
  });

  it('returns to its first value when the content returns to the base', () => {
    const print = new Fingerprint(imageFd, baseFd);
    const untouched = print.value();
    put(print, { offsetBytes: 100, lengthBytes: 9000, fill: 7 });
    expect(print.value()).not.toBe(untouched);
    reset();
    print.touch(100, 9000);
    expect(print.value()).toBe(untouched);
  });

  it('tells the same content in one block from that in another', () => {
    const values = [0, 4096, 8192].map((offsetBytes) => {
      reset();
      const print = new Fingerprint(imageFd, baseFd);
      put(print, { offsetBytes, lengthBytes: 4096, fill: 1 });
      return print.value();
    });
    expect(new Set(values).size).toBe(3);
  });

  it('sees one byte of the last block, which is not a whole one', () => {
    const print = new Fingerprint(imageFd, baseFd);
    const untouched = print.value();
    put(print, { offsetBytes: SIZE_BYTES - 1, lengthBytes: 1, fill: 1 });
    expect(print.value()).not.toBe(untouched);
  });
});
