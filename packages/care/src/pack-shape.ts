// Reads an operator's helpline file: JSON of exactly the form in docs/care.md, every unknown key and wrong type refused
// with its place. Between bytes and a typed pack. Not its concern: the rules of rows (rules.ts) and signatures (pack.ts).

import { CareError } from './errors.ts';
import { AUDIENCES, COSTS, EMERGENCY_SERVICES, GRADES, METHODS, TOPICS } from './row.ts';
import type { Contact, Emergency, EmergencyNumber, Hours, NextStep, Row } from './row.ts';

export const PACK_FORMAT = 'sotto-helplines/1';

/** A file of ten thousand rows is a mistake or an attack. */
export const MAX_PACK_BYTES = 1_048_576;
const MAX_ITEMS = 2_000;
const MAX_TEXT = 300;

export interface PackContent {
  readonly version: number;
  readonly issuedOn: string;
  readonly remove: readonly string[];
  readonly rows: readonly Row[];
  readonly emergencies: readonly Emergency[];
}

interface Place {
  readonly value: unknown;
  readonly path: string;
}

/**
 * @throws CareError CARE_PACK_JSON or CARE_PACK_SHAPE with the place.
 */
export function readPack(text: string): PackContent {
  let value: unknown;
  try {
    if (text.length > MAX_PACK_BYTES) throw new RangeError();
    value = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new CareError('CARE_PACK_JSON'), { cause });
  }
  const fields = readObject(
    { value, path: '' },
    ['format', 'version', 'issuedOn'],
    ['remove', 'rows', 'emergencies'],
  );
  readWord(fields('format'), [PACK_FORMAT]);
  const version = fields('version');
  if (!Number.isSafeInteger(version.value) || (version.value as number) < 1) refuse(version);
  return {
    version: version.value as number,
    issuedOn: readText(fields('issuedOn')),
    remove: readList(fields('remove'), readText),
    rows: readList(fields('rows'), readRow),
    emergencies: readList(fields('emergencies'), readEmergency),
  };
}

function readRow(place: Place): Row {
  const fields = readObject(
    place,
    [
      'id',
      'country',
      'name',
      'localName',
      'audience',
      'topics',
      'contacts',
      'ifNobodyAnswers',
      'source',
      'checkedOn',
      'grade',
    ],
    ['region'],
  );
  return {
    id: readText(fields('id')),
    country: readText(fields('country')),
    ...optional('region', fields('region'), readText),
    name: readText(fields('name')),
    localName: readText(fields('localName')),
    audience: readWord(fields('audience'), AUDIENCES),
    topics: readList(fields('topics'), (item) => readWord(item, TOPICS)),
    contacts: readList(fields('contacts'), readContact),
    ifNobodyAnswers: readList(fields('ifNobodyAnswers'), readStep),
    source: readText(fields('source')),
    checkedOn: readText(fields('checkedOn')),
    grade: readWord(fields('grade'), GRADES),
  };
}

function readContact(place: Place): Contact {
  const method = readWord(
    { value: (place.value as { readonly method?: unknown } | null)?.method, path: `${place.path}.method` },
    METHODS,
  );
  const base = ['method', 'languages'];
  const extras = ['hours', 'cost'];
  const common = (fields: Fields) => ({
    languages: readList(fields('languages'), readText),
    ...optional('hours', fields('hours'), readHours),
    ...optional('cost', fields('cost'), (item) => readWord(item, COSTS)),
  });
  switch (method) {
    case 'call': {
      const fields = readObject(place, [...base, 'dial', 'tel'], [...extras, 'extension']);
      return {
        method,
        ...readNumber(fields),
        ...optional('extension', fields('extension'), readText),
        ...common(fields),
      };
    }
    case 'text': {
      const fields = readObject(place, [...base, 'dial', 'tel'], [...extras, 'keyword']);
      return {
        method,
        ...readNumber(fields),
        ...optional('keyword', fields('keyword'), readText),
        ...common(fields),
      };
    }
    case 'whatsapp': {
      const fields = readObject(place, [...base, 'dial', 'tel'], extras);
      return { method, ...readNumber(fields), ...common(fields) };
    }
    case 'chat': {
      const fields = readObject(place, [...base, 'url'], extras);
      return { method, url: readText(fields('url')), ...common(fields) };
    }
    case 'email': {
      const fields = readObject(place, [...base, 'address'], extras);
      return { method, address: readText(fields('address')), ...common(fields) };
    }
  }
}

function readNumber(fields: Fields): { readonly dial: string; readonly tel: string } {
  return { dial: readText(fields('dial')), tel: readText(fields('tel')) };
}

function readHours(place: Place): Hours {
  const fields = readObject(place, ['tz', 'spec', 'is247'], []);
  const is247 = fields('is247');
  if (typeof is247.value !== 'boolean') refuse(is247);
  return { tz: readText(fields('tz')), spec: readText(fields('spec')), is247: is247.value };
}

function readStep(place: Place): NextStep {
  const step = readText(place);
  if (!/^(again|other-contact|international|emergency|row:[a-z0-9-]{1,60})$/.test(step)) refuse(place);
  return step as NextStep;
}

function readEmergency(place: Place): Emergency {
  const fields = readObject(place, ['country', 'numbers', 'source', 'checkedOn', 'grade'], []);
  return {
    country: readText(fields('country')),
    numbers: readList(fields('numbers'), readEmergencyNumber),
    source: readText(fields('source')),
    checkedOn: readText(fields('checkedOn')),
    grade: readWord(fields('grade'), GRADES),
  };
}

function readEmergencyNumber(place: Place): EmergencyNumber {
  const fields = readObject(place, ['service', 'dial', 'tel'], ['from']);
  return {
    service: readWord(fields('service'), EMERGENCY_SERVICES),
    ...readNumber(fields),
    ...optional('from', fields('from'), (item) => readWord(item, ['mobile'] as const)),
  };
}

// ───────────────────────────── what JSON may hold ─────────────────────────────

function refuse({ path }: Place): never {
  throw new CareError('CARE_PACK_SHAPE', path === '' ? 'the file' : path.replace(/^\./, ''));
}

type Fields = (name: string) => Place;

function readObject(place: Place, required: readonly string[], allowed: readonly string[]): Fields {
  const { value, path } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(place);
  const fields = new Map(Object.entries(value as Record<string, unknown>));
  for (const name of required) if (!fields.has(name)) refuse({ value, path: `${path}.${name}` });
  for (const name of fields.keys()) {
    // The unknown key itself isn't repeated: a message never carries what someone else wrote.
    if (!required.includes(name) && !allowed.includes(name)) refuse({ value, path: `${path}.(unknown key)` });
  }
  return (name) => ({ value: fields.get(name), path: `${path}.${name}` });
}

function readList<T>(place: Place, read: (item: Place) => T): readonly T[] {
  const { value, path } = place;
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_ITEMS) refuse(place);
  return (value as readonly unknown[]).map((item, i) => read({ value: item, path: `${path}[${i}]` }));
}

function readText(place: Place): string {
  const { value } = place;
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TEXT) refuse(place);
  // Control and direction characters could make digits read otherwise than they are dialled.
  if (/[\p{Cc}\p{Cf}]/u.test(value)) refuse(place);
  return value;
}

function readWord<T extends string>(place: Place, words: readonly T[]): T {
  const word = words.find((known) => known === place.value);
  return word ?? refuse(place);
}

function optional<K extends string, T>(
  name: K,
  place: Place,
  read: (place: Place) => T,
): { readonly [P in K]?: T } {
  return place.value === undefined ? {} : ({ [name]: read(place) } as { readonly [P in K]?: T });
}
