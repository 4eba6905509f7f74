// The one Trusted Types policy of the page: it lets through the paths of our own worker and service worker, and nothing
// else ever becomes code. Not its concern: the policy's header (build/policy.mjs).

interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const own = (url: string): string => {
  if (url !== SOTTO_WORKER_URL && url !== '/sw.js') throw new TypeError('not a script of this site');
  return url;
};

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy('sotto', { createScriptURL: own });

/**
 * Lets one of our own scripts be started.
 * @param url - The worker's or the service worker's path.
 * @throws TypeError for any other.
 */
export function trustedScriptUrl(url: string): string {
  return policy?.createScriptURL(url) ?? own(url);
}
