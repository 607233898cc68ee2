import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findConfig } from '../../config/find-config.ts';
import { starterConfig, STARTER_PHASES, type Project } from '../../config/starter-config.ts';
import { messageOf, UsageError } from '../../errors.ts';
import { giveToCaller } from '../../host/caller.ts';
import { findProject } from '../find-project.ts';
import { DEFAULT_OUT } from '../resolve-options.ts';
import { writeOut } from '../write-out.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write a commented powercut.config.ts (or .mjs) for what is found in this folder')
    .action(init);
}

async function init(): Promise<void> {
  const folder = process.cwd();
  const present = await findConfig(folder);
  if (present) throw new UsageError(`there is a configuration already: ${present.path}; it is left as it is`);
  const project = findProject(folder);
  const name = `powercut.config.${project.typescript ? 'ts' : 'mjs'}`;
  write(join(folder, name), starterConfig(project));
  await writeOut([`wrote ${name}`, ...suggestions(folder, project), ''].join('\n'));
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    giveToCaller(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** What to do next, in the order in which it is needed. */
function suggestions(folder: string, { commands, filesystems, installed }: Project): string[] {
  const found = STARTER_PHASES.filter((phase) => commands[phase] !== undefined);
  const toWrite = (['workload', 'check'] as const).filter((phase) => commands[phase] === undefined);
  return [
    ...found.map((phase) => `found a ${phase}: ${commands[phase]}`),
    ...toWrite.map((phase) => `to be written: ./${phase} (docs/stores.md has ten-line ones)`),
    ...(filesystems.length === 0 ? ['no file system has its tools here: see "powercut doctor"'] : []),
    ...(isIgnored(folder) ? [] : [`add ${DEFAULT_OUT}/ to .gitignore: recordings are large`]),
    ...(installed ? [] : ['npm install --save-dev powercut, and an editor knows the options (defineConfig)']),
    'then: npx powercut replay',
  ];
}

/** Outside a git repository there is nothing to ignore. */
function isIgnored(folder: string): boolean {
  if (!existsSync(join(folder, '.git'))) return true;
  const path = join(folder, '.gitignore');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.some((line) => line.trim().replaceAll('/', '') === DEFAULT_OUT);
}
