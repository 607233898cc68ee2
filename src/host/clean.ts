/**
 * Removes what runs that were killed left behind. Everything of powercut's carries its owner's name (owner.ts), so nothing
 * of a living run is touched, and nothing of anyone else's ever.
 */
import { closeSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { detachLoop } from './loop-device.ts';
import { belongsToTheDead } from './owner.ts';
import { listDevices, openControl, removeDevice } from './sys/device-mapper.ts';
import { detachMount } from './sys/mount.ts';

/** @param outFolder where recordings are kept; @returns one line for each thing removed, or that could not be */
export function cleanLeftovers(outFolder: string): string[] {
  const done: string[] = [];
  const attempt = (what: string, remove: () => void): void => {
    try {
      remove();
      done.push(`removed ${what}`);
    } catch (error) {
      done.push(`could not remove ${what}: ${messageOf(error)}`);
    }
  };
  // In this order: each may hold the next.
  for (const pid of deadGuests()) attempt(`guest process ${pid}`, () => process.kill(pid, 'SIGKILL'));
  for (const target of deadMounts()) attempt(`mount ${target}`, () => detachMount(target));
  cleanDevices(attempt);
  for (const name of deadLoops()) attempt(`loop device ${name}`, () => detachLoop(name));
  for (const folder of deadFolders(outFolder)) {
    attempt(`folder ${folder}`, () => rmSync(folder, { recursive: true, force: true }));
  }
  return done;
}

/** Guests whose folder (on their command line) names a dead owner. */
function deadGuests(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOurs(`/proc/${pid}`))
    .filter((pid) => {
      const words = readText(`/proc/${pid}/cmdline`).split('\0');
      return words.some((word) => word.startsWith('uml_dir=') && belongsToTheDead(word.slice('uml_dir='.length)));
    });
}

function deadMounts(): string[] {
  return readText('/proc/self/mounts')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter(belongsToTheDead)
    .reverse();
}

function cleanDevices(attempt: (what: string, remove: () => void) => void): void {
  let control: number;
  try {
    control = openControl();
  } catch {
    // No device-mapper, or no right to it: then none of its devices are ours.
    return;
  }
  try {
    for (const { name } of listDevices(control)) {
      if (belongsToTheDead(name)) attempt(`device ${name}`, () => removeDevice(control, name));
    }
  } finally {
    closeSync(control);
  }
}

function deadLoops(): string[] {
  if (!existsSync('/sys/block')) return [];
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .filter((name) =>
      belongsToTheDead(
        readText(`/sys/block/${name}/loop/backing_file`)
          .replace(/ \(deleted\)$/, '')
          .trim(),
      ),
    );
}

function deadFolders(outFolder: string): string[] {
  const recordings = join(outFolder, 'recordings');
  return [tmpdir(), recordings]
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((path) => belongsToTheDead(basename(path)) && isOurs(path));
}

/** Other users' leftovers are theirs to clean. */
function isOurs(path: string): boolean {
  const uid = process.geteuid?.();
  return uid === 0 || lstatSync(path).uid === uid;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
