// Trees of every shape that removals leave: whoever is left still follows, wherever their leaves are.
import { expect, test } from '@jest/globals';
import { epochAuthenticator, proposeRemoval, proposeUpdate } from '../../../src/room/group/index.ts';
import { applied, fullRoom, handTo } from './room.ts';

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error('nothing there');
  return item;
};

test.each([
  { size: 4, gone: [0, 1], left: [2, 3] },
  { size: 8, gone: [0, 1, 2, 3], left: [4, 5, 6, 7] },
  { size: 8, gone: [1, 2, 3, 4, 5], left: [0, 6, 7] },
  { size: 7, gone: [0, 2, 3, 4, 6], left: [1, 5] },
])('of $size, after $gone have gone, the others follow each other', async ({ size, gone, left }) => {
  const { room, people, states } = await fullRoom(size);
  // A host who stays makes the removals, so that the left half may become empty.
  const [first = 0] = left;
  const handed = await handTo(room, at(states, 0), at(people, first));
  let inside = await Promise.all(
    states.map(async (state, i) => (i === 0 ? handed.next : (await applied(state, handed.commit)).next)),
  );
  const removal = await proposeRemoval(at(inside, first), { leaves: gone });
  inside = await Promise.all(
    left.map(async (i) => (i === first ? removal.next : (await applied(at(inside, i), removal.commit)).next)),
  );
  for (let author = 0; author < left.length; author++) {
    const update = await proposeUpdate(at(inside, author));
    inside = await Promise.all(
      inside.map(async (state, i) =>
        i === author ? update.next : (await applied(state, update.commit)).next,
      ),
    );
    expect(new Set(inside.map((state) => epochAuthenticator(state).join())).size).toBe(1);
  }
});
