import type { Command } from 'commander';
import { EXIT_STATUS } from '../../errors.ts';
import { diagnose, type Report } from '../../pipeline/diagnose.ts';
import type { CommandContext } from '../program.ts';
import { writeOut } from '../write-out.ts';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('what this machine can do, tried, with one line of remedy for what it cannot')
    .option('--json', 'as one JSON object (schema/doctor.schema.json)')
    .action(async ({ json }: { json?: boolean }) => {
      process.stderr.write('booting every kind of guest, which takes some ten seconds or more\n');
      const report = await diagnose();
      await writeOut(json ? `${JSON.stringify({ formatVersion: 1, ...report }, null, 2)}\n` : describe(report));
      if (!report.record || !report.replay) context.setStatus(EXIT_STATUS.unavailable);
    });
}

function describe(report: Report): string {
  const width = Math.max(...report.diagnoses.map(({ name }) => name.length));
  const lines = report.diagnoses.flatMap(({ name, ok, found, remedy }) => [
    `${ok ? 'yes' : 'no '}  ${name.padEnd(width)}  ${found}`,
    ...(remedy ? [`     ${' '.repeat(width)}  -> ${remedy}`] : []),
  ]);
  const summary = `this machine ${can(report.record)} record and ${can(report.replay)} replay`;
  return [...lines, '', summary, ''].join('\n');
}

const can = (able: boolean): string => (able ? 'can' : 'cannot');
