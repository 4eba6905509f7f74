// The order in which help is laid out, and the keys under which an interface finds its words. The words themselves
// belong to the interface's message catalogue. Between helpFor (select.ts) and a screen, a terminal or a printed page.

import type { Help, RowView } from './select.ts';
import type { Emergency, NextStep } from './row.ts';

/** Emergency, then one line, then what if nobody answers, then the rest: choice costs seconds. */
export const HELP_ORDER = ['emergency', 'one-line', 'if-nobody-answers', 'others', 'international'] as const;

export type HelpSection =
  | { readonly kind: 'emergency'; readonly key: 'care.emergency'; readonly emergency: Emergency }
  | { readonly kind: 'one-line'; readonly key: 'care.oneLine'; readonly line: RowView }
  | { readonly kind: 'if-nobody-answers'; readonly key: 'care.ifNobody'; readonly steps: readonly StepText[] }
  | { readonly kind: 'others'; readonly key: 'care.others'; readonly lines: readonly RowView[] }
  | {
      readonly kind: 'international';
      readonly key: 'care.international';
      readonly name: string;
      readonly url: string;
    };

export interface StepText {
  readonly key: StepKey;
  /** The row that `care.ifNobody.row` names. */
  readonly line?: RowView;
}

export type StepKey = (typeof STEP_KEYS)[number];

const STEP_KEYS = [
  'care.ifNobody.again',
  'care.ifNobody.otherContact',
  'care.ifNobody.row',
  'care.ifNobody.international',
  'care.ifNobody.emergency',
] as const;

/** Every message key that this package's structures name: a catalogue is complete when it has them all. */
export const CARE_MESSAGE_KEYS = [
  'care.emergency',
  'care.emergency.any',
  'care.emergency.ambulance',
  'care.emergency.police',
  'care.emergency.mobileOnly',
  'care.oneLine',
  'care.ifNobody',
  ...STEP_KEYS,
  'care.others',
  'care.international',
  'care.state.open',
  'care.state.closed',
  'care.state.unknown',
  'care.checkedOn',
  'care.stale',
  'care.method.call',
  'care.method.text',
  'care.method.chat',
  'care.method.whatsapp',
  'care.method.email',
  'care.textKeyword',
  'care.extension',
  'care.cost.free',
  'care.cost.charged',
  'care.breathe.inhale',
  'care.breathe.hold',
  'care.breathe.exhale',
  'care.breathe.rest',
  'care.breathe.done',
  'care.personal.phone',
  'care.personal.email',
  'care.personal.handle',
  'care.personal.link',
  'care.personal.address',
] as const;

export type CareMessageKey = (typeof CARE_MESSAGE_KEYS)[number];

/**
 * Lays help out in `HELP_ORDER`; what there is nothing of is left out, the international link never.
 * @returns sections to be shown from top to bottom, `others` and what follows behind a tap.
 */
export function helpSections(help: Help): readonly HelpSection[] {
  const sections: HelpSection[] = [];
  if (help.emergency !== undefined) {
    sections.push({ kind: 'emergency', key: 'care.emergency', emergency: help.emergency });
  }
  if (help.first !== undefined) {
    sections.push({ kind: 'one-line', key: 'care.oneLine', line: help.first });
    sections.push({ kind: 'if-nobody-answers', key: 'care.ifNobody', steps: stepsOf(help.first, help) });
  }
  if (help.others.length > 0) sections.push({ kind: 'others', key: 'care.others', lines: help.others });
  sections.push({ kind: 'international', key: 'care.international', ...help.international });
  return sections;
}

/** The steps of one line as keys; a row that is no longer there is left out. */
export function stepsOf({ row }: RowView, help: Help): readonly StepText[] {
  const lines = [...(help.first === undefined ? [] : [help.first]), ...help.others];
  return row.ifNobodyAnswers.flatMap((step) => stepText(step, lines));
}

function stepText(step: NextStep, lines: readonly RowView[]): readonly StepText[] {
  switch (step) {
    case 'again':
      return [{ key: 'care.ifNobody.again' }];
    case 'other-contact':
      return [{ key: 'care.ifNobody.otherContact' }];
    case 'international':
      return [{ key: 'care.ifNobody.international' }];
    case 'emergency':
      return [{ key: 'care.ifNobody.emergency' }];
    default: {
      const line = lines.find(({ row }) => `row:${row.id}` === step);
      return line === undefined ? [] : [{ key: 'care.ifNobody.row', line }];
    }
  }
}
