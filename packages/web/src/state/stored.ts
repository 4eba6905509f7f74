// The settings as they lie in localStorage: any value may be anything. Alone in a file, for the very first script.

export const SETTINGS_KEY = 'settings';

/** @returns what is stored, by name; nothing where storage is forbidden or spoiled. */
export function storedSettings(): Readonly<Record<string, unknown>> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(SETTINGS_KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
