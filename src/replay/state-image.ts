import { closeSync, openSync, readSync } from 'node:fs';
import { writeAll } from '../host/sparse.ts';
import { ContentMap, type ReplaySources } from './content-map.ts';
import type { CrashState } from './crash-state.ts';
import { overlayOf, type Patch } from './overlay.ts';
import { RollingImage } from './rolling-image.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * Writes the disk of one crash state into a new sparse file, for whoever wants to look at it with other tools.
 * @param state a legal one
 * @throws an error of Node's fs, such as EEXIST
 */
export function writeStateImage(sources: ReplaySources, state: CrashState, path: string): void {
  closeSync(openSync(path, 'wx'));
  const image = new RollingImage(sources, path);
  const log = new ContentMap(sources);
  const earlier = new ContentMap(sources);
  const fd = openSync(path, 'r+');
  try {
    image.rollTo(state.crashPoint);
    const { before, patches } = overlayOf(sources.index, sources.corrections, state, state.crashPoint);
    if (before !== undefined && before > 0) earlier.rollTo(before - 1);
    for (const patch of patches) put(fd, patch, log, earlier);
  } finally {
    closeSync(fd);
    image.close();
    log.close();
    earlier.close();
  }
}

function put(fd: number, { source, offsetBytes, lengthBytes }: Patch, log: ContentMap, earlier: ContentMap): void {
  for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
    const content = Buffer.alloc(Math.min(CHUNK_BYTES, lengthBytes - done));
    if (source === 'before') earlier.read(content, offsetBytes + done);
    else if (source !== 'zeros' && 'flipBit' in source) flip(fd, content, offsetBytes, source.flipBit);
    else if (source !== 'zeros') log.readLog(content, source.logOffsetBytes + done);
    writeAll(fd, content, offsetBytes + done);
  }
}

/** What is there by now, with one bit the other way round. */
function flip(fd: number, byte: Buffer, offsetBytes: number, bit: number): void {
  readSync(fd, byte, 0, 1, offsetBytes);
  byte[0]! ^= 1 << bit;
}
