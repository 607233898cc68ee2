import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { UnavailableError } from '../errors.ts';
import { findProgram, searchPath } from './find-program.ts';

/** Which program unpacks what ends like this. Node 20 itself knows gzip alone. */
const PROGRAMS: Readonly<Record<string, string>> = { '.xz': 'xz', '.zst': 'zstd' };

const LIMIT_BYTES = 1 << 30;

/**
 * A file's content, unpacked as the end of its name says (`.xz`, `.zst`, `.gz`), as it is when that says nothing.
 * @throws UnavailableError when the program that unpacks it is not installed
 */
export async function readUnpacked(path: string): Promise<Uint8Array> {
  if (path.endsWith('.gz')) return gunzipSync(await readFile(path));
  const suffix = Object.keys(PROGRAMS).find((each) => path.endsWith(each));
  if (suffix === undefined) return readFile(path);
  const program = PROGRAMS[suffix]!;
  if (!findProgram(program)) {
    throw new UnavailableError(
      `${path} cannot be unpacked: ${program} is not installed (apt-get install ${packageOf(program)})`,
    );
  }
  const { stdout } = await execa(program, ['-dc', path], {
    encoding: 'buffer',
    stdin: 'ignore',
    maxBuffer: LIMIT_BYTES,
    env: { PATH: searchPath() },
  });
  return stdout;
}

const packageOf = (program: string): string => (program === 'xz' ? 'xz-utils' : program);
