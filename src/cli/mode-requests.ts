import { modesOf } from '../compare/mode.ts';
import { UsageError } from '../errors.ts';
import type { ModeRequest } from '../pipeline/run-mode.ts';
import { recordOptions, replayOptions } from './resolve-options.ts';
import type { Settings } from './settings.ts';

/**
 * What is to be run for each mode: every file system on every kernel.
 * @param kernels as given to `--kernel`; none: the one that the settings say, or that is chosen by itself
 * @throws UsageError for whatever is wrong with the options, before the first minute is spent
 */
export function modeRequests(settings: Settings, kernels: readonly string[]): ModeRequest[] {
  const records = recordOptions(settings);
  const filesystems = records.map(({ filesystem }) => filesystem.text);
  const modes = modesOf(filesystems, kernels);
  assertDistinct(modes.map(({ name }) => name));
  replayOptions(settings);
  return modes.map((mode) => {
    const onKernel = mode.kernel === undefined ? {} : { kernel: mode.kernel };
    return {
      mode,
      record: { ...records[filesystems.indexOf(mode.filesystem)]!, ...onKernel },
      replay: ({ manifest }) => ({ ...replayOptions(settings, manifest.commands), ...onKernel }),
    };
  });
}

function assertDistinct(names: readonly string[]): void {
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new UsageError(`${twice} is to be compared with itself: name each mode once`);
}
