import { readFileSync } from 'node:fs';
import { packageFile } from './program-file.ts';

/** Of the package that this code belongs to. */
export const VERSION = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
