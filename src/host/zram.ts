/**
 * Block devices in compressed memory: Documentation/admin-guide/blockdev/zram.rst. A zram device outlives whoever made it
 * and carries no name, so its owner claims it with an empty file in the temporary folder,
 * `powercut-<owner>-zram<number>s<sequence>`. The kernel gives each disk another sequence number (diskseq, Linux 5.15), so
 * that nobody's later device of the same number is ever taken for it.
 */
import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf, StepError } from '../errors.ts';
import { blockNode, type BlockDevice } from './block-device.ts';
import { belongsToTheDead, ownerName } from './owner.ts';
import { sleepSync } from './sleep-sync.ts';

const CONTROL = '/sys/class/zram-control';
/** Fast rather than small. It is not on every kernel, and what the kernel chooses will do too. */
const PREFERRED_ALGORITHM = 'lz4';
const SHARE_OF_MEMORY = 0.8;
const CLAIM = /-zram(\d+)s(\d+)$/;
/** udev looks at each new device for a moment. */
const REMOVE_ATTEMPTS = 40;
const PAUSE_MS = 5;

interface Claim {
  readonly path: string;
  readonly number: string;
  readonly sequence: string;
}

/** Why this kernel gives us no zram devices; undefined: it does. */
export function zramObstacle(): string | undefined {
  try {
    // Reading `hot_add` makes a device; what cannot be removed must not be made.
    accessSync(join(CONTROL, 'hot_remove'), constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'this kernel has none (modprobe zram num_devices=0)' : messageOf(error);
  }
}

/**
 * Makes a device, with blocks of 4096 bytes that are all zeros.
 * @param nodeFolder where to make a node when /dev has none (containers)
 * @throws StepError when none is to be had
 */
export function addZram(sizeBytes: number, nodeFolder: string): BlockDevice {
  const claim = addClaimed();
  try {
    const attributes = join('/sys/block', `zram${claim.number}`);
    if (readFileSync(join(attributes, 'comp_algorithm'), 'latin1').includes(PREFERRED_ALGORITHM)) {
      writeFileSync(join(attributes, 'comp_algorithm'), PREFERRED_ALGORITHM);
    }
    writeFileSync(join(attributes, 'disksize'), String(sizeBytes));
    // Its memory is nobody's: the kernel would end no process for it, however much it took.
    writeFileSync(join(attributes, 'mem_limit'), String(Math.floor(totalmem() * SHARE_OF_MEMORY)));
    return openClaimed(claim, nodeFolder);
  } catch (error) {
    remove(claim);
    throw new StepError('no-zram', `a zram device could not be set up: ${messageOf(error)}`);
  }
}

/** Devices of owners that are gone. `remove` throws when something still uses the device. */
export function deadZrams(): { name: string; remove: () => void }[] {
  return claims()
    .filter(({ path }) => belongsToTheDead(basename(path)))
    .map((claim) => ({
      name: `zram${claim.number}`,
      remove: () => {
        if (!remove(claim)) throw new Error('something still uses it');
      },
    }));
}

/** What cannot be removed now is left to the next run. */
export function removeDeadZrams(): void {
  for (const { remove } of deadZrams()) {
    try {
      remove();
    } catch {
      // Somebody still uses it.
    }
  }
}

/** Whether this is the name of a claim, and not to be removed like any other file that is left. */
export const isZramClaim = (name: string): boolean => CLAIM.test(name);

function addClaimed(): Claim {
  const number = readFileSync(join(CONTROL, 'hot_add'), 'latin1').trim();
  const sequence = sequenceOf(number);
  if (sequence === undefined) {
    writeFileSync(join(CONTROL, 'hot_remove'), number);
    throw new StepError('no-zram', 'this kernel does not number its disks (/sys/block/*/diskseq, Linux 5.15)');
  }
  const path = join(tmpdir(), `${ownerName()}-zram${number}s${sequence}`);
  writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  return { path, number, sequence };
}

function openClaimed(claim: Claim, nodeFolder: string): BlockDevice {
  const name = `zram${claim.number}`;
  const [major = 0, minor = 0] = readFileSync(`/sys/block/${name}/dev`, 'latin1').trim().split(':').map(Number);
  const { path, made } = blockNode(name, major, minor, nodeFolder);
  const fd = openSync(path, 'r+');
  const release = (): void => {
    closeSync(fd);
    if (made) unlinkSync(path);
    // What still uses it ends later than we do; the claim says then whose it was.
    remove(claim);
  };
  return { name, path, major, minor, fd, release };
}

/** @returns false when something still uses it */
function remove({ path, number, sequence }: Claim): boolean {
  for (let attempt = 1; sequenceOf(number) === sequence; attempt++) {
    try {
      writeFileSync(join(CONTROL, 'hot_remove'), number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      if (attempt === REMOVE_ATTEMPTS) return false;
      sleepSync(PAUSE_MS);
    }
  }
  unlinkSync(path);
  return true;
}

/** Anybody can make a file of that name; it speaks for a device only if whoever made it may make devices. */
function claims(): Claim[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const [, number, sequence] = CLAIM.exec(name) ?? [];
    const path = join(tmpdir(), name);
    const isOwn = lstatSync(path, { throwIfNoEntry: false })?.uid === process.geteuid?.();
    return number === undefined || sequence === undefined || !isOwn ? [] : [{ path, number, sequence }];
  });
}

/** @returns undefined when there is no such device, or the kernel does not tell */
function sequenceOf(number: string): string | undefined {
  try {
    return readFileSync(`/sys/block/zram${number}/diskseq`, 'latin1').trim();
  } catch {
    return undefined;
  }
}
