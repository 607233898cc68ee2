/**
 * Device-mapper's ioctls: include/uapi/linux/dm-ioctl.h, drivers/md/dm-ioctl.c. Only names that start with `powercut-`
 * are ever created or removed here.
 */
import { openSync } from 'node:fs';
import { call } from './libc.ts';

const CONTROL = '/dev/mapper/control';

/** struct dm_ioctl: version, sizes and flags, then dev at 40, name at 48 (128 bytes), uuid at 176; data from 312. */
const HEADER_BYTES = 312;
const AT = {
  dataSize: 12,
  dataStart: 16,
  targetCount: 20,
  openCount: 24,
  flags: 28,
  eventNumber: 32,
  device: 40,
  name: 48,
};
const NAME_BYTES = 127;

/** _IOWR(0xfd, number, struct dm_ioctl). */
const request = (number: number): number => 0xc138fd00 + number;
const COMMAND = {
  listDevices: request(2),
  create: request(3),
  remove: request(4),
  suspend: request(6),
  load: request(9),
  status: request(12),
  listVersions: request(13),
  message: request(14),
} as const;

/**
 * DM_UDEV_DISABLE_* of libdevmapper.h, carried in the upper half of event_nr: no udev rule is to open, probe or link a
 * device that lives for seconds, since a probe that holds it open makes its removal fail.
 */
const NO_UDEV_RULES = (0x0001 | 0x0002 | 0x0004 | 0x0008 | 0x0040) << 16;

/** DM_SUSPEND_FLAG and DM_SKIP_LOCKFS_FLAG: hold all requests back, and do not have a mounted file system write first. */
const SUSPEND_AS_IT_IS = (1 << 1) | (1 << 10);

/** struct dm_target_spec: start, length (u64, 512-byte units), status, next, type (16 bytes), then its parameters. */
const SPEC_BYTES = 40;

/** Unit of all lengths, whatever the device's own block is. */
export const DM_SECTOR_BYTES = 512;

export interface DmTarget {
  /** `DM_SECTOR_BYTES` units. */
  readonly lengthSectors: number;
  readonly type: string;
  readonly parameters: string;
}

export interface DmDevice {
  readonly name: string;
  readonly major: number;
  readonly minor: number;
}

/** An open /dev/mapper/control. @throws when the kernel has no device-mapper or the caller no right to it. */
export function openControl(path = CONTROL): number {
  return openSync(path, 'r+');
}

/** Target types and their versions, as this kernel has them loaded now. */
export function listTargets(control: number): Map<string, string> {
  const reply = send(control, COMMAND.listVersions, '', Buffer.alloc(64 * 1024));
  const targets = new Map<string, string>();
  for (const record of records(reply, 0)) {
    const version = [0, 1, 2].map((i) => record.readUInt32LE(4 + 4 * i)).join('.');
    targets.set(textAt(record, 16), version);
  }
  return targets;
}

export function listDevices(control: number): DmDevice[] {
  const reply = send(control, COMMAND.listDevices, '', Buffer.alloc(256 * 1024));
  return records(reply, 8)
    .map((record) => ({ name: textAt(record, 12), ...splitDevice(record.readBigUInt64LE(0)) }))
    .filter((device) => device.name !== '');
}

/** Creates the device, loads one target that covers it, and starts it. */
export function createDevice(control: number, name: string, target: DmTarget): DmDevice {
  const created = send(control, COMMAND.create, name, Buffer.alloc(0), { eventNumber: NO_UDEV_RULES });
  try {
    loadTarget(control, name, target);
    resumeDevice(control, name);
  } catch (error) {
    removeDevice(control, name);
    throw error;
  }
  return { name, ...splitDevice(created.readBigUInt64LE(AT.device)) };
}

/** Gets another target ready that covers the device; it is the live one from the next `resumeDevice` on. */
export function loadTarget(control: number, name: string, target: DmTarget): void {
  send(control, COMMAND.load, name, encodeTarget(target), { targetCount: 1 });
}

/** Returns when all requests that were under way are done. Later ones wait for `resumeDevice`. */
export function suspendDevice(control: number, name: string): void {
  send(control, COMMAND.suspend, name, Buffer.alloc(0), { eventNumber: NO_UDEV_RULES, flags: SUSPEND_AS_IT_IS });
}

export function resumeDevice(control: number, name: string): void {
  // "Suspend" without the suspend flag is resume: it makes the loaded table the live one.
  send(control, COMMAND.suspend, name, Buffer.alloc(0), { eventNumber: NO_UDEV_RULES });
}

/** @throws SystemCallError; EBUSY while something holds it open, ENXIO when it is not there */
export function removeDevice(control: number, name: string): void {
  if (!name.startsWith('powercut-')) throw new Error(`refusing to remove "${name}": powercut did not create it`);
  send(control, COMMAND.remove, name, Buffer.alloc(0), { eventNumber: NO_UDEV_RULES });
}

/** The status line of the device's only target. */
export function targetStatus(control: number, name: string): string {
  const reply = send(control, COMMAND.status, name, Buffer.alloc(16 * 1024));
  return textAt(reply, reply.readUInt32LE(AT.dataStart) + SPEC_BYTES);
}

/** Sends words to the target; the kernel splits at blanks and takes `\` as an escape, so each word is escaped here. */
export function sendMessage(control: number, name: string, words: readonly string[]): void {
  send(control, COMMAND.message, name, encodeMessage(words));
}

/** The payload of one message; made ahead of time by those for whom every microsecond before the mark counts. */
export function encodeMessage(words: readonly string[]): Buffer {
  const sector = Buffer.alloc(8);
  return Buffer.concat([sector, ...words.flatMap((word, i) => [Buffer.from(i > 0 ? ' ' : ''), escapeWord(word)]), NUL]);
}

const NUL = Buffer.alloc(1);
const BACKSLASH = 0x5c;

/** dm_split_args() splits at isspace(), and the kernel's isspace() takes 0xA0 too, which UTF-8 text may contain. */
function escapeWord(word: string): Buffer {
  const bytes: number[] = [];
  for (const byte of Buffer.from(word, 'utf8')) {
    const blank = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0;
    if (blank || byte === BACKSLASH) bytes.push(BACKSLASH);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

interface Header {
  readonly eventNumber?: number;
  readonly targetCount?: number;
  readonly flags?: number;
}

function send(control: number, command: number, name: string, data: Buffer, header: Header = {}): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES + data.length);
  buffer.writeUInt32LE(4, 0);
  buffer.writeUInt32LE(buffer.length, AT.dataSize);
  buffer.writeUInt32LE(HEADER_BYTES, AT.dataStart);
  buffer.writeUInt32LE(header.targetCount ?? 0, AT.targetCount);
  buffer.writeUInt32LE(header.flags ?? 0, AT.flags);
  buffer.writeUInt32LE(header.eventNumber ?? 0, AT.eventNumber);
  buffer.write(name.slice(0, NAME_BYTES), AT.name, 'latin1');
  data.copy(buffer, HEADER_BYTES);
  call('ioctl', `${CONTROL}, ${name || 'list'}, command ${command & 0xff}`, control, command, buffer);
  return buffer;
}

function encodeTarget(target: DmTarget): Buffer {
  const parameters = Buffer.from(`${target.parameters}\0`, 'latin1');
  const bytes = Math.ceil((SPEC_BYTES + parameters.length) / 8) * 8;
  const spec = Buffer.alloc(bytes);
  spec.writeBigUInt64LE(BigInt(target.lengthSectors), 8);
  spec.writeUInt32LE(bytes, 20);
  spec.write(target.type, 24, 'latin1');
  parameters.copy(spec, SPEC_BYTES);
  return spec;
}

/** The kernel chains its list records by a `next` offset (0 ends the list) at a given place of each. */
function records(reply: Buffer, nextAt: number): Buffer[] {
  const found: Buffer[] = [];
  let at = reply.readUInt32LE(AT.dataStart);
  for (let guard = 0; guard < 100_000; guard++) {
    const record = reply.subarray(at);
    found.push(record);
    const next = record.readUInt32LE(nextAt);
    if (next === 0) break;
    at += next;
  }
  return found;
}

function textAt(buffer: Buffer, offset: number): string {
  const end = buffer.indexOf(0, offset);
  return buffer.toString('latin1', offset, end);
}

/** new_encode_dev() of include/linux/kdev_t.h: minor in bits 0-7 and 20 up, major in bits 8-19. */
function splitDevice(device: bigint): { major: number; minor: number } {
  const value = Number(device);
  return { major: (value >> 8) & 0xfff, minor: (value & 0xff) | ((value >>> 12) & 0xfff00) };
}
