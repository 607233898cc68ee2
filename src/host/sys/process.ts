/** Processes and threads: prctl(2), waitpid(2), unshare(2), sched(7), pipe(7), reboot(2). */
import { call } from './libc.ts';

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const THIS_THREAD = 0;
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const O_CLOEXEC = 0o2000000;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const CLONE_NEWIPC = 0x08000000;
const RB_POWER_OFF = 0x4321fedc;

/** From now on orphaned descendants become children of this process, where they can be found and ended. */
export function becomeSubreaper(): void {
  call('prctl', 'PR_SET_CHILD_SUBREAPER', PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/** Collects one ended child if it has ended. libuv waits only for its own children, not for adopted ones. */
export function reap(pid: number): boolean {
  const status = [0];
  try {
    return call('waitpid', `${pid}`, pid, status, WNOHANG) === pid;
  } catch {
    return true;
  }
}

/**
 * Puts the calling thread before all ordinary ones (SCHED_FIFO), or back among them. Among ordinary threads even the most
 * urgent waits for every other that has slept as long, kernel threads included, which for a mark is several operations too
 * late. To be held only around work that never waits by spinning: on one processor that would be for ever.
 * @returns whether the kernel allowed it
 */
export function setRealtime(on: boolean): boolean {
  const parameters = Buffer.alloc(4);
  parameters.writeInt32LE(on ? 1 : 0, 0);
  try {
    call('sched_setscheduler', 'this thread', THIS_THREAD, on ? SCHED_FIFO : SCHED_OTHER, parameters);
    return true;
  } catch {
    return false;
  }
}

/** A pipe whose ends no child inherits unless given to it on purpose. */
export function createPipe(): { readEnd: number; writeEnd: number } {
  const ends = [0, 0];
  call('pipe2', 'O_CLOEXEC', ends, O_CLOEXEC);
  return { readEnd: ends[0]!, writeEnd: ends[1]! };
}

/** Makes writes to an open pipe fail with EAGAIN instead of waiting for a reader. The other end is not affected. */
export function makeNonBlocking(fd: number): void {
  const flags = call('fcntl', 'F_GETFL', fd, F_GETFL, 0);
  call('fcntl', 'F_SETFL', fd, F_SETFL, flags | O_NONBLOCK);
}

/**
 * Gives the calling thread, and what it starts from now on, an empty IPC namespace (ipc_namespaces(7)): no System V shared
 * memory, semaphores or message queues, and no POSIX ones. The one before ends with its last user.
 */
export function enterNewIpcNamespace(): void {
  call('unshare', 'CLONE_NEWIPC', CLONE_NEWIPC);
}

/** Switches the machine off. For the guest's first process only. */
export function powerOff(): void {
  call('reboot', 'RB_POWER_OFF', RB_POWER_OFF | 0);
}
