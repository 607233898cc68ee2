import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { describeScenario, parseScenario } from './scenario.ts';

const LINE = '---\n';
const rewrite = process.env['POWERCUT_REWRITE'] === '1';
const path = useTemporaryFolder();

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));

describe('scenarios', () => {
  it.each(files)('%s', (name) => {
    const file = join(import.meta.dirname, name);
    const text = readFileSync(file, 'utf8');
    const [given = '', expected] = text.split(LINE, 2);
    const found = describeScenario(parseScenario(given), path());
    if (rewrite) writeFileSync(file, `${given}${LINE}${found}`);
    else expect(found).toBe(expected);
  });

  it('has some', () => {
    expect(files.length).toBeGreaterThan(9);
  });

  it.each(['W 0', 'X 0 1', 'W 0 17', 'M', 'W 0 1 A', 'final 0', 'A 0 1\nfinal zero z'])('refuses %j', (text) => {
    expect(() => parseScenario(text)).toThrow();
  });
});
