/** The initramfs of a QEMU guest: one program (first-program.ts), which is all that is needed to reach the host's root. */
import { encodeCpio } from './cpio.ts';
import { makeFirstProgram, type SystemCallStep } from './first-program.ts';
import type { KernelModule } from './kernel-modules.ts';
import type { Architecture } from './platform.ts';
import { TAG } from './qemu-command.ts';

const MS_RDONLY = 1;
const MS_MOVE = 0x2000;
const RB_POWER_OFF = 0x4321fedc;
const REBOOT_MAGIC = [0xfee1dead, 672274793] as const;
const STANDARD_OUTPUT = 1;

/** The largest message and the cache are for speed: nobody changes the host's programs while a guest runs. */
const ROOT_OPTIONS = 'trans=virtio,version=9p2000.L,msize=512000,cache=loose';

/** Loads the modules, makes the host's root, read-only, its own, and becomes the shell that runs `script` of it. */
export function hostRootInitramfs(
  modules: readonly KernelModule[],
  script: string,
  architecture: Architecture,
): Buffer {
  const steps: SystemCallStep[] = [
    ...modules.map(loadModule),
    {
      what: "mounting the host's root by 9p",
      call: 'mount',
      arguments: [TAG.root, '/root', '9p', MS_RDONLY, ROOT_OPTIONS],
    },
    { what: 'mounting devtmpfs', call: 'mount', arguments: ['dev', '/root/dev', 'devtmpfs', 0, 0] },
    { what: "entering the host's root", call: 'chdir', arguments: ['/root'] },
    { what: "moving the host's root to /", call: 'mount', arguments: ['.', '/', 0, MS_MOVE, 0] },
    { what: "making the host's root the root", call: 'chroot', arguments: ['.'] },
    { what: 'starting /bin/sh', call: 'execve', arguments: ['/bin/sh', ['sh', script], ['HOME=/', 'TERM=linux']] },
  ];
  return initramfs(steps, architecture);
}

/** Says `word` on the console and switches off: what proves that a machine runs. */
export function wordInitramfs(word: string, architecture: Architecture): Buffer {
  const steps: SystemCallStep[] = [
    { what: 'writing', call: 'write', arguments: [STANDARD_OUTPUT, `${word}\n`, Buffer.byteLength(word) + 1] },
    { what: 'switching off', call: 'reboot', arguments: [...REBOOT_MAGIC, RB_POWER_OFF] },
  ];
  return initramfs(steps, architecture);
}

/** A checksum that the processor does not have fails to load, and is not needed then; what is needed shows when it is used. */
const loadModule = ({ name, image }: KernelModule): SystemCallStep => ({
  what: `loading the module ${name}`,
  call: 'init_module',
  arguments: [image, image.length, ''],
  mayFail: true,
});

function initramfs(steps: readonly SystemCallStep[], architecture: Architecture): Buffer {
  return encodeCpio([
    { path: 'dev', kind: 'folder' },
    // The kernel opens it as the first program's standard input, output and error.
    { path: 'dev/console', kind: 'character device', major: 5, minor: 1 },
    { path: 'root', kind: 'folder' },
    { path: 'init', kind: 'program', content: makeFirstProgram(steps, architecture) },
  ]);
}
