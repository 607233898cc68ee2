import { afterAll } from 'vitest';
import { workFolder, type WorkFolder } from './work-folder.ts';

/** Made by the first test that needs it, used by all of the file, removed after the last. */
export function shared<T>(make: (folder: WorkFolder) => Promise<T>): () => Promise<T> {
  const removals: (() => void)[] = [];
  afterAll(() => removals.forEach((remove) => remove()));
  let made: Promise<T> | undefined;
  return () => (made ??= make(workFolder((remove) => removals.push(remove))));
}
