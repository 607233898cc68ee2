import { basename } from 'node:path';
import { StepError } from '../errors.ts';
import type { Recover } from './record-recovery.ts';
import { forgetMemory } from './store-folder.ts';
import type { StoreSteps } from './store-steps.ts';

/**
 * Mounts, lets the store recover, unmounts, and judges nothing of it.
 * @param place `enter` returns why it failed, `leave` whether nothing uses it any more
 * @param begin tells the steps which state it is
 */
export function recoverUnjudged(
  place: {
    readonly enter: (device: { readonly path: string; readonly name: string }) => Promise<string | undefined>;
    readonly leave: () => Promise<boolean>;
  },
  steps: StoreSteps,
  begin: () => void,
): Recover {
  return async (devicePath, flush) => {
    const failure = await place.enter({ path: devicePath, name: basename(devicePath) });
    if (failure !== undefined) throw new StepError('no-recovery', `it does not mount: ${failure}`);
    flush();
    begin();
    await steps.open();
    forgetMemory();
    const left = await place.leave();
    if (steps.overrun) throw new StepError('no-recovery', 'a function of it was still running at its limit');
    if (left) return;
    throw new StepError('still-mounted', 'the file system was still in use 10 s after the recovery');
  };
}
