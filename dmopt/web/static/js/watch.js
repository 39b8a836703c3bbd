/** Following a scenario while it is planned: events, else asking every two seconds. */

import { ApiError, api } from "./api.js";

const ASK_MS = 2000;
const QUIET_MS = 15000;

/**
 * isWanted(): whether anybody still follows. onProgress(progress), onPlan() where a new
 * plan may be shown, onDone(), onLost() where the server is gone; after onDone or onLost
 * nothing more comes.
 */
export function watch(id, { isWanted, onProgress, onPlan, onDone, onLost }) {
  const events = api.events(id);
  let over = false;
  const end = (tell) => {
    if (over) return;
    over = true;
    events.close();
    clearInterval(asking);
    tell();
  };
  let heard = Date.now();
  events.addEventListener("progress", (event) => {
    if (!isWanted()) return end(() => {});
    heard = Date.now();
    return onProgress(JSON.parse(event.data));
  });
  events.addEventListener("plan", () => {
    heard = Date.now();
    if (isWanted()) onPlan();
  });
  const done = () => (isWanted() ? onDone() : undefined);
  events.addEventListener("done", () => end(done));
  // Proxies may hold events back, and a stream may break: then ask.
  const asking = setInterval(async () => {
    if (!isWanted()) return end(() => {});
    const broken = events.readyState !== EventSource.OPEN;
    if (!broken && Date.now() - heard < QUIET_MS) return undefined;
    try {
      const now = await api.scenario(id);
      if (over) return undefined;
      if (now.state !== "running" && now.state !== "waiting") return end(done);
      if (now.progress) onProgress(now.progress);
      if (now.plan) onPlan();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      end(error.status === 0 ? onLost : done);
    }
    return undefined;
  }, ASK_MS);
}
