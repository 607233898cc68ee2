import type { Answer } from '../checks/answer.ts';
import { messageOf } from '../errors.ts';

/**
 * Calls a function of the user's. One that is late goes on: nothing can stop it but the end of its process, which the caller
 * has to see to. One that never gives way (an endless loop) hangs the engine, which is then ended from outside and loses this
 * state only.
 */
export async function callFunction(call: () => unknown, timeoutMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late', timeoutMs }), timeoutMs);
  });
  try {
    return await Promise.race([late, returned(call)]);
  } catch (error) {
    return { kind: 'threw', message: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function returned(call: () => unknown): Promise<Answer> {
  return { kind: 'returned', value: await call() };
}
