import type { Agent } from '../agent/agent.ts';

/** A system call that never returns hangs the engine itself; then it is ended, and its call fails as lost. */
export async function withDeadline<T>(agent: Agent, deadlineMs: number, body: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => agent.kill(), deadlineMs);
  try {
    return await body();
  } finally {
    clearTimeout(timer);
  }
}
