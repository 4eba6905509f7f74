// Which files of the site are one language's words: a browser fetches those of the one that its person reads, and sizes
// are counted for that person, in English.

/** @param {string} file - Path within the site. */
export const isOtherLanguage = (file) => /assets\/(es|fr|de|pt|ar|hi|zh-Hans)-/.test(file);
