/** The randomness of `powercut kill`: all of it follows from one printed seed. */
import { createHash } from 'node:crypto';
import { randomFrom } from '../random.ts';

const RESOLUTION = 2 ** 30;

/** A trial's own seed, from 0 to 2^31 - 1: what shells can calculate with. */
export function trialSeed(seed: number, trial: number): number {
  const digest = createHash('sha256').update(`${seed}:${trial}`).digest();
  return digest.readUInt32LE(0) >>> 1;
}

/** Numbers from 0 up to, not including, 1. @param seed a trial's own */
export function randomNumbers(seed: number): () => number {
  const random = randomFrom(seed);
  return () => random.below(RESOLUTION) / RESOLUTION;
}
