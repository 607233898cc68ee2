import { UsageError } from '../errors.ts';

/** Bits of mount(2)'s flags, from include/uapi/linux/mount.h. */
export const MS = {
  NOSUID: 1 << 1,
  NODEV: 1 << 2,
  NOEXEC: 1 << 3,
  SYNCHRONOUS: 1 << 4,
  MANDLOCK: 1 << 6,
  DIRSYNC: 1 << 7,
  NOSYMFOLLOW: 1 << 8,
  NOATIME: 1 << 10,
  NODIRATIME: 1 << 11,
  SILENT: 1 << 15,
  RELATIME: 1 << 21,
  I_VERSION: 1 << 23,
  STRICTATIME: 1 << 24,
  LAZYTIME: 1 << 25,
} as const;

/** What an option of mount(8) does to the flags; the table is `linux_flags_map` of libmount. */
const FLAG_OPTIONS: Readonly<Record<string, { readonly set?: number; readonly clear?: number }>> = {
  defaults: {},
  rw: {},
  suid: { clear: MS.NOSUID },
  nosuid: { set: MS.NOSUID },
  dev: { clear: MS.NODEV },
  nodev: { set: MS.NODEV },
  exec: { clear: MS.NOEXEC },
  noexec: { set: MS.NOEXEC },
  async: { clear: MS.SYNCHRONOUS },
  sync: { set: MS.SYNCHRONOUS },
  dirsync: { set: MS.DIRSYNC },
  nomand: { clear: MS.MANDLOCK },
  mand: { set: MS.MANDLOCK },
  symfollow: { clear: MS.NOSYMFOLLOW },
  nosymfollow: { set: MS.NOSYMFOLLOW },
  atime: { clear: MS.NOATIME },
  noatime: { set: MS.NOATIME },
  diratime: { clear: MS.NODIRATIME },
  nodiratime: { set: MS.NODIRATIME },
  norelatime: { clear: MS.RELATIME },
  relatime: { set: MS.RELATIME },
  nostrictatime: { clear: MS.STRICTATIME },
  strictatime: { set: MS.STRICTATIME },
  nolazytime: { clear: MS.LAZYTIME },
  lazytime: { set: MS.LAZYTIME },
  noiversion: { clear: MS.I_VERSION },
  iversion: { set: MS.I_VERSION },
  loud: { clear: MS.SILENT },
};

const ANOTHER_MOUNT = 'powercut mounts a fresh file system of its own';
const FSTAB_ONLY = 'it speaks to mount(8) and /etc/fstab, which powercut does not use';
const NO_RECOVERY = 'it leaves out the journal recovery that every crash state needs';
const STOPS_THE_MACHINE = 'it stops the whole machine at the first damaged crash state';

/** Options that cannot work here, each with the reason. A key with `=` refuses that one value only. */
const REFUSED_OPTIONS: Readonly<Record<string, string>> = {
  ro: 'the workload and recovery have to write',
  remount: ANOTHER_MOUNT,
  bind: ANOTHER_MOUNT,
  rbind: ANOTHER_MOUNT,
  move: ANOTHER_MOUNT,
  loop: 'powercut attaches the loop device itself',
  offset: 'powercut attaches the loop device itself',
  sizelimit: 'powercut attaches the loop device itself',
  silent: 'it hides the messages by which the kernel reports damage',
  auto: FSTAB_ONLY,
  noauto: FSTAB_ONLY,
  nofail: FSTAB_ONLY,
  user: FSTAB_ONLY,
  users: FSTAB_ONLY,
  owner: FSTAB_ONLY,
  group: FSTAB_ONLY,
  _netdev: FSTAB_ONLY,
  noload: NO_RECOVERY,
  norecovery: NO_RECOVERY,
  nologreplay: NO_RECOVERY,
  'errors=panic': STOPS_THE_MACHINE,
  'fatal_errors=panic': STOPS_THE_MACHINE,
  'fatal_errors=bug': STOPS_THE_MACHINE,
};

/** The two ways in which mount(2) takes options. */
export interface MountArguments {
  /** Bit set of `MS`. */
  readonly flags: number;
  /** What the file system itself reads, joined by commas; empty when there is nothing. */
  readonly data: string;
}

/**
 * Sorts the options of mount(8) into flags and data, in the given order, so that the last of two opposites wins.
 *
 * @throws UsageError for an option that makes no sense on a crash state.
 */
export function splitMountOptions(options: readonly string[]): MountArguments {
  let flags = 0;
  const data: string[] = [];
  for (const option of options) {
    assertUsable(option);
    const effect = Object.hasOwn(FLAG_OPTIONS, option) ? FLAG_OPTIONS[option] : undefined;
    if (effect === undefined) data.push(option);
    else flags = (flags & ~(effect.clear ?? 0)) | (effect.set ?? 0);
  }
  return { flags, data: data.join(',') };
}

function assertUsable(option: string): void {
  const name = option.split('=', 1)[0]!;
  for (const key of [option, name]) {
    if (!Object.hasOwn(REFUSED_OPTIONS, key)) continue;
    throw new UsageError(`the mount option "${option}" cannot be used: ${REFUSED_OPTIONS[key]}; leave it out`);
  }
  // mount(8) lets quotes protect a comma; powercut has already split at every comma, so half an option stands here.
  if (option.includes('"')) throw new UsageError(`the mount option ${option} holds a quote, which is not supported`);
}
