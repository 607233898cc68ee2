/**
 * Block devices in compressed memory: Documentation/admin-guide/blockdev/zram.rst. A zram device outlives whoever made it
 * and carries no name, so its owner claims it with an empty file, `/run/powercut-zram/<owner>-zram<number>s<sequence>`. The
 * kernel gives each disk another sequence number (diskseq, Linux 5.15), so that nobody's later device of the same number is
 * ever taken for it. A process that is killed between making a device and claiming it leaves one of size 0, for good.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { messageOf, StepError } from '../errors.ts';
import { blockNode, type BlockDevice } from './block-device.ts';
import { belongsToTheDead, ownerName } from './owner.ts';
import { sleepSync } from './sleep-sync.ts';
import { sizeOf } from './sys/file.ts';

const CONTROL = '/sys/class/zram-control';
/** Root's alone, and gone with the boot, as the devices are. */
const CLAIMS = '/run/powercut-zram';
const CLAIM = /-zram(\d+)s(\d+)$/;
/** PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';
/** Fast rather than small. It is not on every kernel, and what the kernel chooses will do too. */
const PREFERRED_ALGORITHM = 'lz4';
const SHARE_OF_MEMORY = 0.8;
/** udev looks at each new device for a moment. */
const PATIENCE_MS = 200;
/** The mounts of a process that was killed end when the last of its namespace has. */
const PATIENCE_WITH_THE_DEAD_MS = 3000;
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
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'this kernel has none (modprobe zram num_devices=0)' : messageOf(error);
  }
  const isNumbered = readdirSync('/sys/block').some((name) => existsSync(`/sys/block/${name}/diskseq`));
  return isNumbered ? undefined : 'this kernel does not number its disks (/sys/block/*/diskseq, Linux 5.15)';
}

/** Whether what a killed run leaves may be found by nobody: a container takes the claims along, and the devices are the machine's. */
export const zramMayBeForgotten = (): boolean => readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE;

/**
 * Makes a device, with blocks of 4096 bytes that are all zeros.
 * @param nodeFolder where to make a node when /dev has none (containers)
 * @throws StepError when none is to be had
 */
export function addZram(sizeBytes: number, nodeFolder: string): BlockDevice {
  const device = addOpened(nodeFolder);
  try {
    setUp(device.name, sizeBytes);
    if (sizeOf(device.fd, device.path) !== sizeBytes) throw new Error('somebody else has set it up');
    return device;
  } catch (error) {
    device.release();
    throw new StepError('no-zram', `a zram device could not be set up: ${messageOf(error)}`);
  }
}

/** Devices of owners that are gone. `remove` throws when something still uses the device. */
export function deadZrams(): { name: string; remove: (patienceMs?: number) => void }[] {
  return claims().map((claim) => ({
    name: `zram${claim.number}`,
    remove: (patienceMs = PATIENCE_MS) => {
      const own = takeOver(claim);
      if (own && !remove(own, patienceMs)) throw new Error('something still uses it');
    },
  }));
}

/** What cannot be removed now is left to the next run. */
export function removeDeadZrams(): void {
  for (const { remove: removeDead } of deadZrams()) {
    try {
      removeDead(PATIENCE_WITH_THE_DEAD_MS);
    } catch {
      // Somebody still uses it.
    }
  }
}

/** Claimed, and open: as long as it is, nobody can reset or remove it. */
function addOpened(nodeFolder: string): BlockDevice {
  mkdirSync(CLAIMS, { recursive: true, mode: 0o700 });
  const number = readFileSync(join(CONTROL, 'hot_add'), 'latin1').trim();
  let claim: Claim | undefined;
  try {
    claim = claimOf(number, demandSequence(number));
    writeFileSync(claim.path, '', { flag: 'wx', mode: 0o600 });
    return openClaimed(claim, nodeFolder);
  } catch (error) {
    if (claim) remove(claim, PATIENCE_MS);
    else writeFileSync(join(CONTROL, 'hot_remove'), number);
    throw new StepError('no-zram', `a zram device could not be had: ${messageOf(error)}`);
  }
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
    remove(claim, PATIENCE_MS);
  };
  return { name, path, major, minor, fd, release };
}

function setUp(name: string, sizeBytes: number): void {
  const attribute = (key: string): string => join('/sys/block', name, key);
  if (readFileSync(attribute('comp_algorithm'), 'latin1').includes(PREFERRED_ALGORITHM)) {
    writeFileSync(attribute('comp_algorithm'), PREFERRED_ALGORITHM);
  }
  writeFileSync(attribute('disksize'), String(sizeBytes));
  // Its memory is nobody's: the kernel would end no process for it, however much it took.
  writeFileSync(attribute('mem_limit'), String(Math.floor(totalmem() * SHARE_OF_MEMORY)));
}

/** @returns false when something still uses it */
function remove({ path, number, sequence }: Claim, patienceMs: number): boolean {
  for (let waitedMs = 0; sequenceOf(number) === sequence; waitedMs += PAUSE_MS) {
    try {
      writeFileSync(join(CONTROL, 'hot_remove'), number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      if (waitedMs >= patienceMs) return false;
      sleepSync(PAUSE_MS);
    }
  }
  rmSync(path, { force: true });
  return true;
}

/** Of several that clean at once one gets it, and the device is removed once. @returns undefined for the others */
function takeOver(dead: Claim): Claim | undefined {
  const own = claimOf(dead.number, dead.sequence);
  try {
    renameSync(dead.path, own.path);
    return own;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of the dead. */
function claims(): Claim[] {
  return claimNames().flatMap((name) => {
    const [, number, sequence] = CLAIM.exec(name) ?? [];
    if (number === undefined || sequence === undefined || !belongsToTheDead(name)) return [];
    return [{ path: join(CLAIMS, name), number, sequence }];
  });
}

function claimNames(): string[] {
  try {
    return readdirSync(CLAIMS);
  } catch {
    // There are none, or they are not ours to see.
    return [];
  }
}

const claimOf = (number: string, sequence: string): Claim => ({
  path: join(CLAIMS, `${ownerName()}-zram${number}s${sequence}`),
  number,
  sequence,
});

function demandSequence(number: string): string {
  const sequence = sequenceOf(number);
  if (sequence === undefined) throw new Error(`/sys/block/zram${number}/diskseq is not there`);
  return sequence;
}

/** @returns undefined when there is no such device */
function sequenceOf(number: string): string | undefined {
  try {
    return readFileSync(`/sys/block/zram${number}/diskseq`, 'latin1').trim();
  } catch (error) {
    // Where nobody mounted sysfs, this would say nothing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync('/sys/block')) return undefined;
    throw error;
  }
}
