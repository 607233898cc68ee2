import type { Command } from 'commander';
import { addReporterFlag } from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { publishReport } from '../publish-report.ts';
import { readReport } from '../read-report.ts';
import { withReporters } from '../reporters.ts';

export function addReportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('report')
    .argument('<file>', 'a report that --json wrote; - for standard input')
    .description('render a saved report again; the exit status is that of its run')
    .action((file: string, flags: { reporter?: string[] }) => report(file, flags, context));
  addReporterFlag(command);
}

async function report(file: string, flags: { reporter?: string[] }, context: CommandContext): Promise<void> {
  const saved = readReport(file);
  context.setStatus(await withReporters(flags, (reporters) => publishReport(saved, {}, reporters)));
}
