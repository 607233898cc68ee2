import { Command } from 'commander';
import { VERSION } from '../host/version.ts';
import { addCleanCommand } from './commands/clean.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addInitCommand } from './commands/init.ts';
import { addKillCommand } from './commands/kill.ts';
import { addLogCommand } from './commands/log.ts';
import { addMergeCommand } from './commands/merge.ts';
import { addRecordCommand } from './commands/record.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addReportCommand } from './commands/report.ts';
import { addShowCommand } from './commands/show.ts';
import { addVerifyCommand } from './commands/verify.ts';

export interface CommandContext {
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  setStatus(status: number): void;
}

const EXIT_HELP = `
Exit status:
  0    all held                    64   usage or configuration
  1    an invariant was violated   69   this machine cannot (the message says what would)
  2    unknown or incomplete       70   our fault, or a recording that cannot be trusted
  130  interrupted`;

/** In the order in which help shows them. */
const COMMANDS: readonly ((program: Command, context: CommandContext) => void)[] = [
  addReplayCommand,
  addCompareCommand,
  addRecordCommand,
  addKillCommand,
  addVerifyCommand,
  addShowCommand,
  addMergeCommand,
  addReportCommand,
  addInitCommand,
  addLogCommand,
  addDoctorCommand,
  addCleanCommand,
];

/** The argument table. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('powercut')
    .description('What would a power cut do to your data store?')
    .version(VERSION)
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError(true)
    .addHelpText('after', EXIT_HELP)
    .exitOverride();
  for (const add of COMMANDS) add(program, context);
  return program;
}
