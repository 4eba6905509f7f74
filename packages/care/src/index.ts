// The entrance of @sotto/care: helplines with their rules, what a person sees first, an operator's changes, a breathing
// exercise, and the personal-detail guard. Pure data and functions: no I/O, no clock, no network, no other package.

export { breathing, exerciseMs, phaseAt, reducedMotion } from './breathing.ts';
export type { BreathingExercise, BreathKind, BreathMoment, BreathPhase } from './breathing.ts';
export { directory } from './data/directory.ts';
export { isStale } from './dates.ts';
export { CareError, CareErrors, type CareErrorCode } from './errors.ts';
export { openState, parseHours } from './hours.ts';
export type { DayRange, HoursRule, OpenState, Span } from './hours.ts';
export { countryFromLocale } from './locale.ts';
export { applyPack, openPack, parsePack, type HelplinePack, type VerifySignature } from './pack.ts';
export { PACK_FORMAT, type PackContent } from './pack-shape.ts';
export { findPersonalDetails, publicContacts } from './personal/find.ts';
export { scanPersonalDetails } from './personal/scan.ts';
export type { PersonalDetail, PersonalKind, PublicContacts } from './personal/scan.ts';
export type {
  Audience,
  CallContact,
  ChatContact,
  Contact,
  Cost,
  Directory,
  EmailContact,
  Emergency,
  EmergencyNumber,
  EmergencyService,
  Grade,
  Hours,
  NextStep,
  Row,
  TextContact,
  Topic,
  WhatsappContact,
} from './row.ts';
export { RULES, validateEmergencies, validateRows, type Problem, type RuleName } from './rules.ts';
export { CARE_MESSAGE_KEYS, HELP_ORDER, helpSections, stepsOf } from './sections.ts';
export type { CareMessageKey, HelpSection, StepKey, StepText } from './sections.ts';
export { coveredCountries, helpFor, INTERNATIONAL } from './select.ts';
export type { ContactView, Help, HelpRequest, RowView } from './select.ts';
