/**
 * The C library, called in-process. A process per mount or per mark would cost more than the system call by two orders
 * of magnitude, and a mark must stand in the log before the workload's next write.
 *
 * Layouts and numbers in this folder are those of x86-64 and arm64 Linux, which agree on all that is used here but for the
 * numbers in system-call.ts. (They differ in O_DIRECT, O_DIRECTORY, O_NOFOLLOW and O_LARGEFILE: take flags of open(2) from Node.)
 */
import { constants } from 'node:os';
import koffi from 'koffi';

// The running program rather than a library by name: glibc and musl call theirs differently, and Node has it loaded.
const library = koffi.load(null);

type SystemCall = (...args: unknown[]) => number;

const declare = (prototype: string): SystemCall => library.func(prototype) as SystemCall;

const calls = {
  mount: declare(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
  ),
  umount2: declare('int umount2(const char *target, int flags)'),
  ioctl: declare('int ioctl(int fd, unsigned long request, void *argument)'),
  ioctlNumber: declare('int ioctl(int fd, unsigned long request, long argument)'),
  mknod: declare('int mknod(const char *path, unsigned int mode, unsigned long device)'),
  pipe2: declare('int pipe2(_Out_ int *ends, int flags)'),
  fcntl: declare('int fcntl(int fd, int command, long argument)'),
  prctl: declare('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)'),
  waitpid: declare('int waitpid(int pid, _Out_ int *status, int options)'),
  lseek: declare('int64_t lseek(int fd, int64_t offset, int whence)'),
  llistxattr: declare('int64_t llistxattr(const char *path, void *list, uint64_t size)'),
  lgetxattr: declare('int64_t lgetxattr(const char *path, const char *name, void *value, uint64_t size)'),
  fallocate: declare('int fallocate(int fd, int mode, int64_t offset, int64_t length)'),
  reboot: declare('int reboot(int command)'),
  unshare: declare('int unshare(int flags)'),
  sched_setscheduler: declare('int sched_setscheduler(int thread, int policy, void *parameters)'),
} satisfies Record<string, SystemCall>;

export type LibcCall = keyof typeof calls;

/** A system call that failed. `code` is the errno's name, as in Node's own errors. */
export class SystemCallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly call: string;

  constructor(call: string, errno: number, on: string) {
    const code = errnoName(errno);
    super(`${call}(${on}): ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
    this.errno = errno;
    this.call = call;
  }
}

/** Those that no table of Node's has, and that file systems answer damage with: include/uapi/asm-generic/errno.h. */
const OTHER_ERRNOS: Readonly<Record<number, string>> = { 117: 'EUCLEAN', 121: 'EREMOTEIO' };
const ERRNOS = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// Linux has two names for this number, and this is the one that mount(2) and its manual use.
ERRNOS.set(constants.errno.EAGAIN, 'EAGAIN').set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');

/** `EIO` for 5. */
export const errnoName = (errno: number): string => ERRNOS.get(errno) ?? OTHER_ERRNOS[errno] ?? `errno ${errno}`;

/**
 * Calls and returns the result, which is never negative.
 * @param on what the call is about, for the error's text
 * @throws SystemCallError with errno when the call returns a negative number
 */
export function call(name: LibcCall, on: string, ...args: unknown[]): number {
  const result = Number(calls[name](...args));
  if (result < 0) throw new SystemCallError(name, koffi.errno(), on);
  return result;
}
