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
  assertEach(steps, filesystem.kernelType === undefined ? 'device' : 'dir', `with --fs ${text}`);
}

/** The same where no device is made, but a folder. @throws UsageError */
export function assertFolder(steps: Steps): void {
  assertEach(steps, 'dir', 'when only processes are killed');
}

function assertEach(steps: Steps, place: 'dir' | 'device', on: string): void {
  for (const phase of COMMAND_PHASES) {
    const words = wordsOf(steps[phase]);
    if (words) assertPlace(words, phase, place, on);
  }
}
