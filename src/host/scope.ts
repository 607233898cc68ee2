import { messageOf } from '../errors.ts';

type Release = () => void | Promise<void>;

/**
 * Holds whatever has been attached (loop, mount, device, folder, process) and lets go of it in reverse order. Register a
 * release the moment the thing exists. One release that fails does not keep the others from running.
 */
export class Scope {
  readonly #releases: { what: string; release: Release }[] = [];

  /** @param what names the thing in the error, should its release fail */
  add(what: string, release: Release): void {
    this.#releases.push({ what, release });
  }

  /** Releases everything; safe to call twice. @returns one line for each release that failed */
  async release(): Promise<string[]> {
    const failures: string[] = [];
    for (let held = this.#releases.pop(); held; held = this.#releases.pop()) {
      try {
        await held.release();
      } catch (error) {
        failures.push(`could not release ${held.what}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}

/** Runs `body` with a scope and releases it whatever happens; a failed release is an error only if the body succeeded. */
export async function withScope<T>(body: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = new Scope();
  let result: T;
  try {
    result = await body(scope);
  } catch (error) {
    await scope.release();
    throw error;
  }
  const failures = await scope.release();
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return result;
}
