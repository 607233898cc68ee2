/** What strategies are told of the store's files, and what the reader of the verdict is told of what they are not. */
import { crashPoints } from '../dmlog/barrier.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import type { PlacedFiles } from '../engine/requests.ts';
import { atEntry } from '../replay/crash-state.ts';
import { formatCrashState } from '../replay/state-id.ts';
import type { FileContent } from '../replay/strategies/strategy.ts';
import { formatByteCount } from '../units.ts';
import type { FindFiles } from './find-files.ts';

export interface FoundContent {
  readonly files: FileContent;
  readonly notes: readonly string[];
}

/** At the last crash point, where all that the store made durable is. */
export async function fileContent(index: LogIndex, find: FindFiles): Promise<FoundContent> {
  const { crashPoint } = atEntry(crashPoints(index).at(-1));
  const found = await find(crashPoint);
  const where = formatCrashState({ crashPoint });
  if ('failure' in found) {
    const notes = [`no bit is flipped: the disk at ${where} does not mount (${found.failure})`];
    return { files: { crashPoint, extents: [] }, notes };
  }
  return { files: { crashPoint, extents: found.extents }, notes: notesOn(found, where) };
}

function notesOn({ extents, contentBytes, unplacedBytes, unprovedBytes }: PlacedFiles, where: string): string[] {
  const usable = extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (contentBytes === 0) return [`no bit is flipped: at ${where} there is no file with content`];
  if (usable === contentBytes) return [];
  const reasons = [
    [unplacedBytes, 'have no bytes of their own on the disk'],
    [unprovedBytes, 'do not stand where the file system says, as far as can be told'],
    [contentBytes - unplacedBytes - unprovedBytes - usable, 'are written by its recovery'],
  ] as const;
  const why = reasons.filter(([bytes]) => bytes > 0).map(([bytes, reason]) => `${formatByteCount(bytes)} ${reason}`);
  const left = `${formatByteCount(contentBytes - usable)} of ${formatByteCount(contentBytes)}`;
  return [
    `${usable === 0 ? 'no bit is flipped' : `no bit is flipped in ${left}`} of the files at ${where}: ${why.join(', ')}`,
  ];
}
