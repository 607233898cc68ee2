/** You pressed Ctrl-C, or somebody ended us: exit status 130. */
export class Interrupted extends Error {
  constructor(signalName: string) {
    super(`interrupted by ${signalName}`);
    this.name = 'Interrupted';
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal asks everything to stop and clean up; a second one does not wait for that. */
export function listenForSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write(`\npowercut: ${name}: cleaning up (once more to leave at once)\n`);
    controller.abort(new Interrupted(name));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: controller.signal, stop: () => SIGNALS.forEach((name) => process.off(name, onSignal)) };
}
