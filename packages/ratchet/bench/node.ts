// What runs in Node: our engine beside libsignal's native one and two other libraries for JavaScript.
import { libsignal, ours } from '../test/support/engines.ts';
import { compare, type Contender, type Effort, type Figures } from './measure.ts';
import { olmContender } from './olm-contender.ts';
import { privacyResearchContender } from './privacyresearch-contender.ts';
import { signalContender } from './signal-contender.ts';

export type NodeFigures = Record<string, Figures>;

/** The slow one gets fewer messages: its figures are large enough. */
const SLOW = 20;

export async function benchInNode(effort: Effort): Promise<NodeFigures> {
  const quick: Contender[] = [
    signalContender('@sotto/ratchet', ours),
    signalContender('@signalapp/libsignal-client', libsignal),
    await olmContender(),
  ];
  const figures = await compare(quick, effort);
  const less = {
    rounds: Math.max(1, Math.floor(effort.rounds / 6)),
    setUps: Math.max(1, Math.floor(effort.setUps / SLOW)),
    messages: Math.max(10, Math.floor(effort.messages / SLOW)),
  };
  return { ...figures, ...(await compare([privacyResearchContender()], less)) };
}
