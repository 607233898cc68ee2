/**
 * Removes what runs that were killed left behind. Everything of powercut's carries its owner's name (owner.ts), so nothing
 * of a living run is touched, and nothing of anyone else's ever.
 */
import { closeSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { detachLoop } from './loop-device.ts';
import { belongsToStrangers, belongsToTheDead } from './owner.ts';
import { listDevices, openControl, removeDevice } from './sys/device-mapper.ts';
import { detachMount } from './sys/mount.ts';
import { deadZrams } from './zram.ts';
import { deadInstances, openTracefs, removeInstance, type Tracefs } from './sys/tracefs.ts';

/** No run takes that long without writing into its folder. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3600 * 1000;

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
  for (const pid of deadCommands()) attempt(`process ${pid}`, () => process.kill(pid, 'SIGKILL'));
  for (const pid of deadGuests()) attempt(`guest process ${pid}`, () => process.kill(pid, 'SIGKILL'));
  for (const target of deadMounts()) attempt(`mount ${target}`, () => detachMount(target));
  cleanDevices(attempt);
  cleanTraces(attempt);
  for (const name of deadLoops()) attempt(`loop device ${name}`, () => detachLoop(name));
  for (const { name, remove } of deadZrams()) attempt(`zram device ${name}`, () => remove());
  for (const folder of deadFolders(outFolder)) {
    attempt(`folder ${folder}`, () => rmSync(folder, { recursive: true, force: true }));
  }
  return done;
}

/**
 * Commands that an engine had started when it was killed: they live on in its mount namespace, with its mounts and devices.
 * Only what was started as a command: should a dead owner's mount ever show in a namespace that others share, these others
 * must not suffer for it.
 */
function deadCommands(): number[] {
  return processes().filter((pid) => {
    const variables = readText(`/proc/${pid}/environ`).split('\0');
    const folder = variables.find((each) => each.startsWith('POWERCUT_DIR='));
    // The second kind worked on a folder of a dead owner's own, with no mounts (`powercut kill`).
    return folder !== undefined && (mountPoints(pid).some(belongsToTheDead) || belongsToTheDead(folder));
  });
}

/** Guests that name a dead owner on their command line: user-mode Linux by its folder, QEMU by its machine's name. */
function deadGuests(): number[] {
  return processes().filter((pid) => {
    const words = readText(`/proc/${pid}/cmdline`).split('\0');
    return words.some((word, i) => {
      if (word.startsWith('uml_dir=')) return belongsToTheDead(word.slice('uml_dir='.length));
      return words[i - 1] === '-name' && belongsToTheDead(word);
    });
  });
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOurs(`/proc/${pid}`));
}

function deadMounts(): string[] {
  return mountPoints('self').filter(belongsToTheDead).reverse();
}

/** In the order in which they were mounted. */
function mountPoints(pid: number | 'self'): string[] {
  const lines = readText(`/proc/${pid}/mounts`).split('\n');
  return lines.map((line) => line.split(' ')[1] ?? '');
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
    const names = listDevices(control).map(({ name }) => name);
    // One that stands on another is named for it, with something behind.
    for (const name of names.sort().reverse()) {
      if (belongsToTheDead(name)) attempt(`device ${name}`, () => removeDevice(control, name));
    }
  } finally {
    closeSync(control);
  }
}

function cleanTraces(attempt: (what: string, remove: () => void) => void): void {
  let tracefs: Tracefs;
  try {
    tracefs = openTracefs();
  } catch {
    // No tracing here, or no right to it: then nothing in it is ours.
    return;
  }
  try {
    for (const name of deadInstances(tracefs)) attempt(`trace instance ${name}`, () => removeInstance(tracefs, name));
  } finally {
    tracefs.close();
  }
}

function deadLoops(): string[] {
  if (!existsSync('/sys/block')) return [];
  const backingFile = (name: string): string => readText(`/sys/block/${name}/loop/backing_file`).trim();
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .filter((name) => belongsToTheDead(backingFile(name).replace(/ \(deleted\)$/, '')));
}

function deadFolders(outFolder: string): string[] {
  const recordings = join(outFolder, 'recordings');
  return [tmpdir(), recordings]
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((path) => (belongsToTheDead(basename(path)) || isForgotten(path)) && isOurs(path));
}

/** Left before the last start of this machine, by a container that is gone, or by another machine that shares the folder. */
function isForgotten(path: string): boolean {
  if (!belongsToStrangers(basename(path))) return false;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > FORGOTTEN_AFTER_MS;
}

/** Other users' leftovers are theirs to clean. Processes and temporary files may be gone by the time we look at them. */
function isOurs(path: string): boolean {
  const uid = process.geteuid?.();
  return uid === 0 || lstatSync(path, { throwIfNoEntry: false })?.uid === uid;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
