// A name for whoever doesn't want to give one: two plain words, nothing that tells age, sex or place.
const FIRST = ['Quiet', 'Gentle', 'Early', 'Wide', 'Silver', 'Amber', 'Slow', 'Calm', 'Northern', 'Distant'];
const SECOND = [
  'River',
  'Lantern',
  'Harbour',
  'Willow',
  'Sparrow',
  'Meadow',
  'Pebble',
  'Cloud',
  'Ember',
  'Reed',
];

/** Not a secret and not unique: a hundred people may be called the same. */
export function makeUpName(): string {
  const one = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] ?? '';
  return `${one(FIRST)} ${one(SECOND)}`;
}
