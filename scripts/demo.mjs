// The main job on two stores that differ in one line: one syncs before it acknowledges, the other after.
import { chalk, $, echo } from 'zx';

const powercut = 'dist/bin/powercut.js';
const store = 'dist/examples/append-log';

async function replay(title, fault) {
  echo(chalk.bold(`\n== ${title}`));
  const workload = `node ${store}/workload.js {dir} 20${fault ? ` --fault ${fault}` : ''}`;
  const check = `node ${store}/check.js {dir} {count}`;
  echo(`$ powercut replay --each-barrier --fs ext4:data=ordered --workload '${workload}' --check '${check}'`);
  const flags = ['--each-barrier', '--fs', 'ext4:data=ordered', '--workload', workload, '--check', check];
  const { exitCode } = await $({ stdio: 'inherit', nothrow: true })`node ${powercut} replay ${flags}`;
  return exitCode;
}

const sound = await replay('an append-only log that syncs, then acknowledges: must hold', '');
const unsound = await replay('the same, acknowledging before it syncs: must be caught', 'ack-before-fsync');
const asExpected = sound === 0 && unsound === 1;
echo(
  chalk.bold(
    `\n${asExpected ? 'As it should be' : 'NOT as it should be'}: the sound store ended with ${sound}, the unsound one with ${unsound}.`,
  ),
);
process.exitCode = asExpected ? 0 : 70;
