import { spawn } from 'node:child_process';
import { killGroup } from '../host/kill-group.ts';
import { programFile } from '../host/program-file.ts';
import { connectAgent, type Agent, type AgentProcess } from './agent.ts';
import { tailKeeper } from './tail-keeper.ts';

const START_DEADLINE_MS = 30_000;

const ENGINE = [process.execPath, programFile('engine.js')] as const;

/** Starts an engine on this kernel, as root, in a mount and IPC namespace of its own: its mounts die with it. */
export function startNativeAgent(): Promise<Agent> {
  return startEngine(['unshare', '--mount', '--ipc', '--propagation', 'private', ...ENGINE]);
}

/** Starts an engine that needs no rights, since it mounts nothing: for trials that only kill processes. */
export function startPlainAgent(): Promise<Agent> {
  return startEngine(ENGINE);
}

function startEngine([program = '', ...words]: readonly string[]): Promise<Agent> {
  const child = spawn(
    program,
    words,
    // A process group of its own: a Ctrl-C is for powercut, which then lets the engine clean up.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  const errors = tailKeeper(child.stderr);
  let notStarted = '';
  const engine: AgentProcess = {
    answers: child.stdout,
    requests: child.stdin,
    gone: new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', (error) => {
        notStarted = error.message;
        resolve();
      });
    }),
    // With what a function of the user's started, whose end would otherwise be nobody's business.
    kill: () => killGroup(child),
    lastWords: () => [notStarted, errors()].filter(Boolean).join('\n'),
  };
  return connectAgent(engine, START_DEADLINE_MS);
}
