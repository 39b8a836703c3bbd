/** Longer questions to the server: asked once, then looked at until answered. */

const ASK_MS = 1000;

/**
 * begin(): starts the question. read(): the answer so far, with `state`. onAnswer gets
 * each; wanted() says whether anybody still waits.
 */
export async function polled({ begin, read, onAnswer, wanted }) {
  await begin();
  for (;;) {
    const answer = await read();
    if (!wanted()) return;
    onAnswer(answer);
    if (isOver(answer)) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    if (!wanted()) return;
  }
}

export function isOver({ state }) {
  return state !== "running" && state !== "waiting";
}
