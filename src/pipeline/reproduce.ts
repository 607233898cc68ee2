import { relative } from 'node:path';
import { formatWords } from '../stores/words.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** The line that tries one state of a recording again, with the same commands, to be pasted where powercut was called. */
export function reproducingLine(recording: Recording, options: ReplayOptions, state: string): string {
  const words = ['powercut', 'replay', folderWord(options.cwd, recording.folder), '--state', state];
  const recorded = recording.manifest.commands;
  // What the recording knows already need not be said again.
  if (!sameWords(options.recover, recorded.recover)) words.push(...commandOption('--recover', options.recover));
  if (!sameWords(options.dump, recorded.dump)) words.push(...commandOption('--dump', options.dump));
  if (options.checkModule === undefined && !sameWords(options.check, recorded.check))
    words.push(...commandOption('--check', options.check));
  if (options.checkModule !== undefined) words.push('--config', relative(options.cwd, options.checkModule));
  for (const promise of options.durability) words.push('--durability', promise);
  if (options.repeatRecovery) words.push('--repeat-recovery');
  if (options.fsck) words.push('--fsck');
  return `npx ${formatWords(words)}`;
}

/** As short as it can be said from there, and never like a flag. */
function folderWord(cwd: string, folder: string): string {
  const word = relative(cwd, folder) || '.';
  return word.startsWith('-') ? `./${word}` : word;
}

const commandOption = (flag: string, command: readonly string[] | undefined): string[] =>
  command ? [flag, formatWords(command)] : [];

const sameWords = (left: readonly string[] | undefined, right: readonly string[] | undefined): boolean =>
  JSON.stringify(left) === JSON.stringify(right);
