import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import type { ReplaySources } from '../../src/replay/content-map.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { writeStateImage } from '../../src/replay/state-image.ts';
import { SECTOR, sectors, writeAndIndex } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

function sources(): ReplaySources {
  writeFileSync(path('base.img'), Buffer.alloc(8 * SECTOR, 'x'));
  const index = writeAndIndex(path('log'), [
    newEntry.write(0, sectors('a', 2)),
    newEntry.flush(),
    newEntry.discard(1, 1),
    newEntry.write(2, sectors('b', 2)),
    newEntry.flush(),
    newEntry.write(0, sectors('c', 3)),
    newEntry.flush(),
  ]);
  const everything = [{ offsetBytes: 0, lengthBytes: 8 * SECTOR }];
  return { base: path('base.img'), baseExtents: everything, log: path('log'), index, corrections: new Map() };
}

/** One letter a sector. */
function diskOf(id: string): string {
  const image = path(`state-${id}.img`);
  writeStateImage(sources(), parseCrashState(id), image);
  const disk = readFileSync(image);
  return Array.from({ length: 8 }, (_, i) => {
    const sector = disk.subarray(i * SECTOR, (i + 1) * SECTOR);
    expect(sector.every((byte) => byte === sector[0])).toBe(true);
    return sector[0] === 0 ? '.' : String.fromCharCode(sector[0]!);
  }).join('');
}

describe('writeStateImage', () => {
  it.each([
    ['base', 'xxxxxxxx'],
    ['p1', 'aaxxxxxx'],
    ['p4', 'a.bbxxxx'],
    ['p1+3', 'aabbxxxx'],
    ['p4+5.1', 'acbbxxxx'],
    ['p4+5.0.2', 'c.cbxxxx'],
    ['p4=2', 'aabbxxxx'],
    ['p4~1', 'xxxxxxxx'],
    ['p4~4', 'aaxxxxxx'],
    ['p4~4+3,5', 'cccbxxxx'],
  ])('%s is %s', (id, disk) => expect(diskOf(id)).toBe(disk));

  it('flips a bit of what is there at last', () => {
    writeStateImage(sources(), parseCrashState('p4+5%7.5'), path('flipped.img'));
    writeStateImage(sources(), parseCrashState('p4+5'), path('sound.img'));
    const [flipped, sound] = [readFileSync(path('flipped.img')), readFileSync(path('sound.img'))];
    expect(flipped[7]).toBe('c'.charCodeAt(0) ^ 32);
    sound[7]! ^= 32;
    expect(flipped.equals(sound)).toBe(true);
  });

  it('never writes over a file', () => {
    writeFileSync(path('there.img'), 'mine');
    expect(() => writeStateImage(sources(), parseCrashState('p1'), path('there.img'))).toThrow('EEXIST');
    expect(readFileSync(path('there.img'), 'utf8')).toBe('mine');
  });
});
