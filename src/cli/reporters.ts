import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT_STATUS, messageOf, UsageError } from '../errors.ts';
import { giveToCaller } from '../host/caller.ts';
import { cleanLeftovers } from '../host/clean.ts';
import type { Reporter } from '../report/events.ts';
import { openFileSink, type FileSink } from '../report/file-sink.ts';
import { multiplexReporters, type Multiplexer } from '../report/multiplexer.ts';
import { processContext } from '../report/process-context.ts';
import { parseReporterWish } from '../report/reporter-wish.ts';
import { createReporters, reporterOutput } from '../report/reporters/registry.ts';
import { DEFAULT_OUT } from './resolve-options.ts';
import type { Settings } from './settings.ts';

/** Every run first removes what killed ones left, and says so. */
export function cleanBeforeRun(settings: Settings, reporters: Reporters): void {
  for (const text of cleanLeftovers(settings.out ?? DEFAULT_OUT)) {
    reporters.onEvent({ type: 'note', text: `${text}, left by a run that was killed` });
  }
}

export type Reporters = Required<Reporter>;

/** What the reporters need of all settings, so that commands without a configuration can have them too. */
export type ReportSettings = Pick<Settings, 'reporter' | 'json'>;

/** @throws UsageError for an unknown name, for files that cannot be opened, and for outputs that are in each other's way */
export function openReporters({ reporter = [], json }: ReportSettings): Multiplexer {
  assertApartFromJson(reporter, json);
  const context = processContext();
  // With `--json -` standard output is the document, and nothing else may stand in it.
  const streams = json === '-' ? { ...context, stdout: context.stderr } : context;
  return multiplexReporters(createReporters(reporter, streams, openFile), (line) =>
    process.stderr.write(`powercut: ${line}\n`),
  );
}

/**
 * Runs a command with its reporters, which are closed whatever happens and told why the run failed, if it did.
 *
 * @param body answers with the exit status
 * @returns the same, but never success when a file that was asked for could not be written whole
 */
export async function withReporters(
  settings: ReportSettings,
  body: (reporters: Reporters) => Promise<number>,
): Promise<number> {
  const reporters = openReporters(settings);
  let status: number;
  try {
    status = await body(reporters);
  } catch (error) {
    reporters.close(messageOf(error));
    throw error;
  }
  reporters.close();
  const isFileLost = reporters.dropped.some((name) => name.includes('='));
  return status === EXIT_STATUS.held && isFileLost ? EXIT_STATUS.internal : status;
}

function openFile(path: string): FileSink {
  const isNew = !existsSync(path);
  try {
    const sink = openFileSink(path);
    if (isNew) giveToCaller(path);
    return sink;
  } catch (error) {
    throw new UsageError(`--reporter: ${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function assertApartFromJson(words: readonly string[], json: string | undefined): void {
  if (json === '-') assertStdoutFree(words, '--json -');
  if (json === undefined || json === '-') return;
  for (const { name, file } of words.map(parseReporterWish)) {
    if (file === undefined || resolve(file) !== resolve(json)) continue;
    throw new UsageError(`--json ${json} and --reporter ${name} would both write there`);
  }
}

/** For commands that print something of their own. @throws UsageError when a document would stand beside it */
export function assertStdoutFree(words: readonly string[] = [], taker: string): void {
  for (const { name, file } of words.map(parseReporterWish)) {
    if (file !== undefined || reporterOutput(name) !== 'document') continue;
    throw new UsageError(
      `${taker} and --reporter ${name} would both write to standard output; give it a file: ${name}=FILE`,
    );
  }
}
