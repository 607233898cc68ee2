import { relative } from 'node:path';
import { FUNCTION_PHASES, isFunction, wordsOf, type FunctionPhase } from '../stores/store.ts';
import { formatWords } from '../stores/words.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** The line that tries one state of a recording again, with the same commands, to be pasted where powercut was called. */
export function reproducingLine(recording: Recording, options: ReplayOptions, state: string): string {
  const words = ['powercut', 'replay', pathWord(options.cwd, recording.folder), '--state', state];
  for (const phase of FUNCTION_PHASES) words.push(...commandWords(phase, recording, options));
  const config = configFile(options);
  if (config !== undefined) words.push('--config', pathWord(options.cwd, config));
  for (const promise of options.durability) words.push('--durability', promise);
  if (options.repeatRecovery) words.push('--repeat-recovery');
  if (options.fsck) words.push('--fsck');
  if (options.kernel !== undefined) words.push('--kernel', options.kernel);
  return `npx ${formatWords(words)}`;
}

/** What the recording knows already need not be said again, unless a configuration file would say something else. */
function commandWords(phase: FunctionPhase, { manifest }: Recording, options: ReplayOptions): string[] {
  const command = wordsOf(options[phase]);
  if (command === undefined) return [];
  const isKnown = JSON.stringify(command) === JSON.stringify(manifest.commands[phase]);
  return isKnown && !options.overruled?.includes(phase) ? [] : [`--${phase}`, formatWords(command)];
}

function configFile(options: ReplayOptions): string | undefined {
  const functions = FUNCTION_PHASES.map((phase) => options[phase]).find(isFunction);
  return functions?.module ?? options.configFile;
}

/** As short as it can be said from there, and never like a flag. */
function pathWord(cwd: string, path: string): string {
  const word = relative(cwd, path) || '.';
  return word.startsWith('-') ? `./${word}` : word;
}
