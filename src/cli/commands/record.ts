import type { Command } from 'commander';
import { EXIT_STATUS } from '../../errors.ts';
import { recordWorkload } from '../../pipeline/record.ts';
import { addDeviceFlags, addMachineFlags, addReportFlags, addStoreFlags, type Flags } from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { assertStdoutFree, cleanBeforeRun, withReporters } from '../reporters.ts';
import { recordOptions } from '../resolve-options.ts';
import { loadSettings } from '../settings.ts';
import { writeOut } from '../write-out.ts';

export function addRecordCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('record')
    .description('record a workload; prints the folder of each recording')
    .action((flags: Flags) => record(flags, context));
  addStoreFlags(command);
  addDeviceFlags(command);
  addMachineFlags(command);
  addReportFlags(command);
}

async function record(flags: Flags, context: CommandContext): Promise<void> {
  const settings = await loadSettings(flags);
  const wanted = recordOptions(settings);
  assertStdoutFree(settings.reporter, 'record');
  const status = await withReporters(settings, async (reporters) => {
    cleanBeforeRun(settings, reporters);
    for (const options of wanted) {
      const { folder } = await recordWorkload(options, reporters.onEvent, context.signal);
      await writeOut(`${folder}\n`);
    }
    return EXIT_STATUS.held;
  });
  context.setStatus(status);
}
