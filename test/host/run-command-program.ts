/**
 * Runs one command as an engine does and prints how it ended. A process of its own, since ending whatever a command left
 * running ends every descendant of the process that ran it.
 */
import { becomeSubreaper } from '../../src/host/sys/process.ts';
import { runCommand } from '../../src/host/run-command.ts';

const [, , , argv = '[]', options = '{}'] = process.argv;

becomeSubreaper();
const run = await runCommand(JSON.parse(argv) as string[], JSON.parse(options) as Parameters<typeof runCommand>[1]);
process.stdout.write(JSON.stringify(run));
