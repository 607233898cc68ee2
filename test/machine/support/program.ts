import { writeFileSync } from 'node:fs';
import type { WorkFolder } from './work-folder.ts';

/** Writes a Bash program into the folder. @returns its path, to be used as a command */
export function program(folder: WorkFolder, name: string, ...lines: readonly string[]): string {
  const path = folder.path(name);
  writeFileSync(path, ['#!/bin/bash', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}
