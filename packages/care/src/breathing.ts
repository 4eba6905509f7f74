// A breathing exercise as data: how long each phase lasts, and which phase a moment falls into. Pure: the time since the
// start comes in. Not its concern: drawing, sound, words, and any claim about health.

import { CareError } from './errors.ts';

export type BreathKind = 'inhale' | 'hold' | 'exhale' | 'rest';

export interface BreathPhase {
  readonly kind: BreathKind;
  readonly seconds: number;
  readonly key: `care.breathe.${BreathKind}`;
  /** Size of the shape from the phase's beginning to its end, 0 to 1: for those who see motion. */
  readonly scale: readonly [from: number, to: number];
}

export interface BreathingExercise {
  readonly phases: readonly BreathPhase[];
  readonly cycles: number;
}

/** Four in, a short pause, six out, a short pause; six times, 84 seconds. It can be left at any moment. */
export const breathing: BreathingExercise = {
  phases: [
    { kind: 'inhale', seconds: 4, key: 'care.breathe.inhale', scale: [0, 1] },
    { kind: 'hold', seconds: 2, key: 'care.breathe.hold', scale: [1, 1] },
    { kind: 'exhale', seconds: 6, key: 'care.breathe.exhale', scale: [1, 0] },
    { kind: 'rest', seconds: 2, key: 'care.breathe.rest', scale: [0, 0] },
  ],
  cycles: 6,
};

/** With reduced motion the shape stands still: the word and the seconds left change, once a second, without a fade. */
export const reducedMotion = { scale: 0.5, countdown: true, announce: 'each-phase', fadeMs: 0 } as const;

export type BreathMoment =
  | {
      readonly done: false;
      /** From 1. */
      readonly cycle: number;
      readonly phase: BreathPhase;
      /** Within the phase, 0 to below 1. */
      readonly progress: number;
      readonly scale: number;
      /** Whole seconds left of the phase, counted down to 1. */
      readonly secondsLeft: number;
    }
  | { readonly done: true };

/** @returns the length of all cycles in milliseconds. */
export function exerciseMs({ phases, cycles }: BreathingExercise): number {
  return cycles * phases.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
}

/**
 * The phase that a moment falls into.
 * @param elapsedMs - Since the start; before it counts as the start.
 * @throws CareError CARE_BREATHING for an exercise without phases, length or cycles.
 */
export function phaseAt(elapsedMs: number, exercise: BreathingExercise = breathing): BreathMoment {
  const { phases, cycles } = exercise;
  const sound = phases.length > 0 && phases.every(({ seconds }) => Number.isFinite(seconds) && seconds > 0);
  if (!sound || !Number.isInteger(cycles) || cycles < 1) throw new CareError('CARE_BREATHING');
  const cycleMs = exerciseMs({ phases, cycles: 1 });
  const elapsed = Number.isNaN(elapsedMs) ? 0 : Math.max(0, elapsedMs);
  if (elapsed >= cycleMs * cycles) return { done: true };
  const cycle = Math.floor(elapsed / cycleMs);
  let into = elapsed - cycle * cycleMs;
  for (const phase of phases) {
    const phaseMs = phase.seconds * 1000;
    if (into < phaseMs) {
      const progress = into / phaseMs;
      const [from, to] = phase.scale;
      const secondsLeft = Math.ceil((phaseMs - into) / 1000);
      return {
        done: false,
        cycle: cycle + 1,
        phase,
        progress,
        scale: from + (to - from) * progress,
        secondsLeft,
      };
    }
    into -= phaseMs;
  }
  return { done: true };
}
