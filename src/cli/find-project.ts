import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { STARTER_ARGUMENTS, STARTER_PHASES, type Project, type StarterPhase } from '../config/starter-config.ts';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { findProgram, isExecutable } from '../host/find-program.ts';
import { quoteWord } from '../stores/words.ts';

/** Looked through in this order. */
const FOLDERS = ['', 'powercut', 'scripts', 'test'];
/** What starts a file that is no program by itself. */
const INTERPRETERS: Readonly<Record<string, string>> = { '.mjs': 'node', '.js': 'node', '.py': 'python3', '.sh': 'sh' };

/** Looks around in a folder; runs nothing. */
export function findProject(folder: string): Project {
  const found = STARTER_PHASES.flatMap((phase) => {
    const command = commandFor(folder, phase);
    return command === undefined ? [] : [[phase, command] as const];
  });
  return {
    typescript: hasTypescript(folder),
    installed: isInstalled(folder),
    commands: Object.fromEntries(found),
    filesystems: Object.entries(FILESYSTEMS)
      .filter(([, { tools }]) => tools.every(({ program }) => findProgram(program)))
      .map(([name]) => name),
  };
}

function commandFor(folder: string, phase: StarterPhase): string | undefined {
  for (const name of FOLDERS) {
    for (const extension of ['', '.ts', ...Object.keys(INTERPRETERS)]) {
      const path = `./${name === '' ? '' : `${name}/`}${phase}${extension}`;
      const words = startOf(join(folder, path), path);
      if (words !== undefined) return `${words} ${STARTER_ARGUMENTS[phase]}`;
    }
  }
  return undefined;
}

function startOf(file: string, path: string): string | undefined {
  if (isExecutable(file)) return quoteWord(path);
  const interpreter = INTERPRETERS[extname(file)];
  return interpreter !== undefined && existsSync(file) ? `${interpreter} ${quoteWord(path)}` : undefined;
}

function hasTypescript(folder: string): boolean {
  if (existsSync(join(folder, 'tsconfig.json'))) return true;
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      object | undefined
    >;
    return Object.hasOwn({ ...dependencies, ...devDependencies }, 'typescript');
  } catch {
    // No package.json, or none that can be read: then there is no word of TypeScript.
    return false;
  }
}

function isInstalled(folder: string): boolean {
  try {
    createRequire(join(folder, 'noop.js')).resolve('powercut/package.json');
    return true;
  } catch {
    return false;
  }
}
