import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { largestImageBytes } from '../../src/replay/image-bytes.ts';
import { indexOf, SECTOR, sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const BLOCK_SECTORS = 4096 / SECTOR;
const inFolder = useTemporaryFolder();

/** A sparse image of 1 MiB that holds data in these blocks. */
function image(...blocks: readonly number[]): string {
  const path = inFolder('base.img');
  const fd = openSync(path, 'w');
  ftruncateSync(fd, 1 << 20);
  for (const block of blocks) writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, block * 4096);
  closeSync(fd);
  return path;
}

it('counts the data of the base and every block that is written, each once', () => {
  const index = indexOf([
    { sector: 2 * BLOCK_SECTORS, flags: 0, data: sectors('a', 3 * BLOCK_SECTORS) },
    { sector: 3 * BLOCK_SECTORS, flags: 0, data: sectors('b', BLOCK_SECTORS) },
    { flags: 1 },
    // One sector on either side of a block's end.
    { sector: 100 * BLOCK_SECTORS - 1, flags: 0, data: sectors('c', 2) },
  ]);
  expect(largestImageBytes(image(2, 7, 8), index)).toBe((3 + 2 + 2) * 4096);
});

it('counts nothing where nothing is', () => {
  expect(largestImageBytes(image(), indexOf([]))).toBe(0);
});
