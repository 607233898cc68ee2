/** Every word of the help is seen when it changes: `npx vitest run --project unit test/cli -u` takes the new ones. */
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const WIDTH = 100;

function helpOf(...path: readonly string[]): string {
  let text = '';
  const output = {
    writeOut: (part: string): unknown => (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  };
  let command: Command = createProgram({ signal: new AbortController().signal, setStatus: () => undefined });
  for (const name of path) command = command.commands.find((each) => each.name() === name)!;
  command.configureOutput(output).outputHelp();
  return text;
}

const commands = createProgram({ signal: new AbortController().signal, setStatus: () => undefined }).commands;

describe('help', () => {
  it('powercut', async () => {
    await expect(helpOf()).toMatchFileSnapshot('help/powercut.txt');
  });

  it.each(commands.map((command) => command.name()))('powercut %s', async (name) => {
    await expect(helpOf(name)).toMatchFileSnapshot(`help/powercut-${name}.txt`);
  });

  it('names every exit status', () => {
    for (const status of [0, 1, 2, 64, 69, 70, 130]) expect(helpOf()).toMatch(new RegExp(`\\b${status}\\b`));
  });
});
