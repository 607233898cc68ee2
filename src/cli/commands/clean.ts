import type { Command } from 'commander';
import { cleanLeftovers } from '../../host/clean.ts';
import { writeOut } from '../write-out.ts';

export function addCleanCommand(program: Command): void {
  program
    .command('clean')
    .description('remove what killed runs left behind: guests, mounts, devices, temporary folders')
    .option('--out <dir>', 'where recordings are kept', '.powercut')
    .action(async ({ out }: { out: string }) => {
      const removed = cleanLeftovers(out);
      await writeOut(removed.length === 0 ? 'nothing was left behind\n' : removed.map((line) => `${line}\n`).join(''));
    });
}
