// The shape of a helpline and of a country's emergency number. Every other file speaks in these types. Not its concern:
// whether a row keeps the rules (rules.ts) or which one a person sees first (select.ts).

/**
 * How well a row is known. A: the provider's or a government's page was seen. B: a dated press, university or partner
 * page. C: an open data set or a list that names its source and date. D: unverified, never shown.
 */
export type Grade = 'A' | 'B' | 'C' | 'D';

export const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D'];

/** Whom a line is for. `young`: children and young people; `everyone`: no age stated. */
export type Audience = 'everyone' | 'young';

export const AUDIENCES: readonly Audience[] = ['everyone', 'young'];

export type Topic = 'crisis' | 'suicide' | 'loneliness' | 'mental-health' | 'abuse' | 'any';

export const TOPICS: readonly Topic[] = ['crisis', 'suicide', 'loneliness', 'mental-health', 'abuse', 'any'];

/** When a line is staffed. Where it isn't known there is no `Hours` at all: unknown hours are never shown as 24/7. */
export interface Hours {
  /** IANA time zone in which `spec` is to be read. */
  readonly tz: string;
  /** `24/7`, or rules as docs/care.md describes: `Mo-Sa 14:00-20:00; Dec 29-Jan 03 off`. */
  readonly spec: string;
  readonly is247: boolean;
}

export type Cost = 'free' | 'charged';

export const COSTS: readonly Cost[] = ['free', 'charged'];

interface ContactBase {
  readonly hours?: Hours | undefined;
  /** BCP 47 primary languages in which it is answered; the country's own where the source names none. */
  readonly languages: readonly string[];
  readonly cost?: Cost | undefined;
}

/** `dial` is what a person types in the country, shown exactly so; `tel` is the link behind it. */
interface NumberContact extends ContactBase {
  readonly dial: string;
  readonly tel: string;
}

export interface CallContact extends NumberContact {
  readonly method: 'call';
  /** What to key in once the call is answered. */
  readonly extension?: string | undefined;
}

export interface TextContact extends NumberContact {
  readonly method: 'text';
  /** The word to send first. */
  readonly keyword?: string | undefined;
}

export interface WhatsappContact extends NumberContact {
  readonly method: 'whatsapp';
}

export interface ChatContact extends ContactBase {
  readonly method: 'chat';
  readonly url: string;
}

export interface EmailContact extends ContactBase {
  readonly method: 'email';
  readonly address: string;
}

export type Contact = CallContact | TextContact | WhatsappContact | ChatContact | EmailContact;

export const METHODS: readonly Contact['method'][] = ['call', 'text', 'chat', 'whatsapp', 'email'];

/**
 * What to do when a line doesn't answer, in order. Many lines answer one call in two. `row:` names another row of the
 * same country; the words are the message catalogue's.
 */
export type NextStep = 'again' | 'other-contact' | `row:${string}` | 'international' | 'emergency';

export interface Row {
  /** Stable, unique, lower case: what an operator's file overrides or removes by. */
  readonly id: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Where the line serves a part of the country only. */
  readonly region?: string | undefined;
  /** As known in English. */
  readonly name: string;
  /** As it calls itself. */
  readonly localName: string;
  readonly audience: Audience;
  readonly topics: readonly Topic[];
  readonly contacts: readonly Contact[];
  readonly ifNobodyAnswers: readonly NextStep[];
  /** Where it was read, in words a person can follow. */
  readonly source: string;
  /** The day on which that source was seen, or the date that the source gives itself. YYYY-MM-DD. */
  readonly checkedOn: string;
  readonly grade: Grade;
}

export type EmergencyService = 'any' | 'ambulance' | 'police';

export const EMERGENCY_SERVICES: readonly EmergencyService[] = ['any', 'ambulance', 'police'];

export interface EmergencyNumber {
  readonly service: EmergencyService;
  readonly dial: string;
  readonly tel: string;
  /** The number is only reached from this kind of phone. */
  readonly from?: 'mobile' | undefined;
}

/** A country's emergency numbers; the first is the one to show where life is in danger now. */
export interface Emergency {
  readonly country: string;
  readonly numbers: readonly EmergencyNumber[];
  readonly source: string;
  readonly checkedOn: string;
  readonly grade: Grade;
}

/** All rows and emergency numbers that a client knows. */
export interface Directory {
  readonly rows: readonly Row[];
  readonly emergencies: readonly Emergency[];
}
