/** QEMU's command line: pure, so that it can be read and tested. Options: qemu-system-x86_64(1) of QEMU 5.0, or aarch64's of 6.0, or later. */
import { MIB } from '../units.ts';
import type { Platform } from './platform.ts';

export type Accelerator = 'kvm' | 'tcg';

/** Folders of the host that the guest mounts by this tag (9p); read-only but for the second. */
export const TAG = { root: 'host', share: 'share' } as const;

export interface QemuMachine {
  readonly platform: Platform;
  readonly accelerator: Accelerator;
  /** Tells whose it is: an owner's name. */
  readonly name: string;
  readonly memoryBytes: number;
  readonly processors: number;
  readonly kernel: string;
  readonly initramfs: string;
  /** Descriptor of a socket that gets what the kernel says. */
  readonly console: number;
  /** Sockets that become /dev/vport0p1 and so on. */
  readonly ports: readonly number[];
  /** Whether it has the host's root. */
  readonly root: boolean;
  /** The folder that it may write to. */
  readonly share?: string;
}

/** `panic=-1` restarts at once, and `-no-reboot` makes an end of that: a guest that panics is a process that ends. */
const KERNEL_WORDS = ['quiet', 'panic=-1', 'mitigations=off'];

/** Each option with its value. */
type Options = readonly (readonly [string, string?])[];

export function qemuWords(machine: QemuMachine): string[] {
  const { platform, accelerator, name, memoryBytes, processors, kernel, initramfs, share } = machine;
  const options: Options = [
    ['-nodefaults'],
    ['-no-user-config'],
    ['-no-reboot'],
    ['-display', 'none'],
    ['-nic', 'none'],
    ['-name', escapeCommas(name)],
    ['-accel', accelerator],
    ...platform.machine(accelerator),
    ['-smp', String(processors)],
    ['-m', `${Math.floor(memoryBytes / MIB)}M`],
    ['-kernel', kernel],
    ['-initrd', initramfs],
    ['-append', [`console=${platform.console}`, ...KERNEL_WORDS].join(' ')],
    ['-chardev', `socket,id=console,fd=${machine.console}`],
    ['-serial', 'chardev:console'],
    ...ports(machine.ports),
    ...(machine.root ? [folder('/', TAG.root, ',readonly=on')] : []),
    ...(share === undefined ? [] : [folder(share, TAG.share, '')]),
  ];
  return options.flatMap((words) => words.filter((word) => word !== undefined));
}

function ports(descriptors: readonly number[]): Options {
  if (descriptors.length === 0) return [];
  const each = descriptors.flatMap((fd, i): Options => [
    ['-chardev', `socket,id=port${i + 1},fd=${fd}`],
    ['-device', `virtserialport,nr=${i + 1},chardev=port${i + 1}`],
  ]);
  return [['-device', 'virtio-serial-pci'], ...each];
}

/** What belongs to several file systems of the host must not share inode numbers inside. */
function folder(path: string, tag: string, access: string): readonly [string, string] {
  return ['-virtfs', `local,path=${escapeCommas(path)},mount_tag=${tag},security_model=none,multidevs=remap${access}`];
}

const escapeCommas = (text: string): string => text.replaceAll(',', ',,');
