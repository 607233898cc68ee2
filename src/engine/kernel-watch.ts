import { kernelVerdict } from '../checks/filesystem-outcome.ts';
import type { Verdict } from '../checks/verdict.ts';
import { openKernelMessages, type KernelMessages } from '../host/kernel-messages.ts';
import type { Scope } from '../host/scope.ts';
import { damageAmong } from './device-messages.ts';

/** Listens to what the kernel says while a crash state is being tried. */
export class KernelWatch {
  readonly #messages: KernelMessages | undefined;
  readonly #patterns: readonly RegExp[];
  readonly #shared: boolean;

  /** @param patterns what means damage; @param shared whether other engines try states on this kernel at the same time */
  constructor(scope: Scope, patterns: readonly RegExp[], shared: boolean) {
    this.#messages = openKernelMessages();
    scope.add('kernel messages', () => this.#messages?.close());
    this.#patterns = patterns;
    this.#shared = shared;
  }

  /** What it has said since it was asked last. */
  lines(): string[] {
    return this.#messages?.drain() ?? [];
  }

  /** What follows of what it has said since it was asked last. @param device its name in the messages */
  verdictOn(device: string): Verdict {
    const { ours, anybodys } = damageAmong(this.lines(), device, this.#patterns, this.#shared);
    return kernelVerdict(ours, anybodys);
  }
}
