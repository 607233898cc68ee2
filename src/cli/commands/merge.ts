import type { Command } from 'commander';
import { mergeShards } from '../../report/merge-shards.ts';
import { addReportFlags } from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { publishReport } from '../publish-report.ts';
import { readReport } from '../read-report.ts';
import { withReporters, type ReportSettings } from '../reporters.ts';
import { assertJsonFile } from '../write-json-report.ts';

export function addMergeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('merge')
    .argument('<files...>', 'reports that --json wrote, one for each shard of a recording')
    .description('put the reports of all shards together; the exit status is that of the whole')
    .action((files: string[], flags: ReportSettings) => merge(files, flags, context));
  addReportFlags(command);
}

async function merge(files: readonly string[], flags: ReportSettings, context: CommandContext): Promise<void> {
  assertJsonFile(flags.json);
  const { report, missing } = mergeShards(files.map((name) => ({ name, report: readReport(name) })));
  const status = await withReporters(flags, async (reporters) => {
    if (missing.length > 0) {
      const which = missing.length === 1 ? 'shard' : 'shards';
      const text = `${which} ${missing.join(', ')} missing: what was to be tested there counts as not tested`;
      reporters.onEvent({ type: 'note', text });
    }
    return publishReport(report, flags, reporters);
  });
  context.setStatus(status);
}
