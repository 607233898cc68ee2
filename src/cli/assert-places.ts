import type { FilesystemSpec } from '../filesystems/filesystem.ts';
import { findFilesystem } from '../filesystems/registry.ts';
import { assertPlace } from '../stores/placeholders.ts';
import { COMMAND_PHASES, wordsOf, type CommandPhase, type StateStep } from '../stores/store.ts';

type Steps = { readonly [Phase in CommandPhase]?: StateStep };

/**
 * A store lives in a folder or on the bare device, and its commands are told of the one that there is.
 * @throws UsageError for a command that asks for the other
 */
export function assertPlaces(steps: Steps, { name, text }: Pick<FilesystemSpec, 'name' | 'text'>): void {
  const filesystem = findFilesystem(name);
  if (!filesystem) return;
  const place = filesystem.kernelType === undefined ? 'device' : 'dir';
  for (const phase of COMMAND_PHASES) {
    const words = wordsOf(steps[phase]);
    if (words) assertPlace(words, phase, place, text);
  }
}
