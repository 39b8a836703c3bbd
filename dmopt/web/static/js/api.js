/** Talking to the server: JSON, the CSRF token, faults, and what happens while it runs. */

/** What the server refused. status: 0 where there was no answer. */
export class ApiError extends Error {
  constructor(status, message, faults = [], retryAfter = null) {
    super(message);
    this.status = status;
    this.faults = faults;
    this.retryAfter = retryAfter;
  }
}

let csrf = "";

/** The token that state-changing requests carry. */
export function setCsrf(token) {
  csrf = token ?? "";
}

/** One request; a token that a restart made old is renewed, once. */
export async function request(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (error.status !== 403 || method === "GET") throw error;
    const before = csrf;
    setCsrf((await send("GET", "/session")).csrf);
    if (csrf === before) throw error;
    return send(method, path, body);
  }
}

async function send(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (method !== "GET") options.headers["X-CSRF-Token"] = csrf;
  if (body instanceof FormData) {
    options.body = body;
  } else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await ask(`/api${path}`, options);
  const read = await readJson(answer);
  if (answer.ok) return read;
  const message = read?.error ?? `The server refused (${answer.status}).`;
  const wait = Number(answer.headers.get("Retry-After")) || null;
  throw new ApiError(answer.status, message, read?.faults ?? [], wait);
}

export const get = (path) => request("GET", path);
export const post = (path, body) => request("POST", path, body);
export const patch = (path, body) => request("PATCH", path, body);
export const remove = (path) => request("DELETE", path);

export const api = {
  session: () => get("/session"),
  signIn: (user, password) => post("/session", { user, password }),
  signOut: () => remove("/session"),
  instances: () => get("/instances"),
  instance: (id) => get(`/instances/${encodeURIComponent(id)}`),
  rules: (id, model) =>
    get(`/instances/${encodeURIComponent(id)}/rules${model === null ? "" : `?model=${encodeURIComponent(model)}`}`),
  instanceMap: (id) => get(`/instances/${encodeURIComponent(id)}/map`),
  upload(file) {
    const form = new FormData();
    form.append("file", file);
    return post("/instances", form);
  },
  history: (instance) => get(`/scenarios?instance=${encodeURIComponent(instance)}`),
  plan: (wanted) => post("/scenarios", wanted),
  scenario: (id) => get(`/scenarios/${id}`),
  /** plan: number of a plan shown on the way; 0: what is kept. */
  scenarioMap(id, period, plan = 0) {
    const asked = new URLSearchParams({ ...(period ? { period } : {}), ...(plan ? { plan } : {}) });
    return get(`/scenarios/${id}/map${asked.size ? `?${asked}` : ""}`);
  },
  rename: (id, name) => patch(`/scenarios/${id}`, { name }),
  discard: (id) => remove(`/scenarios/${id}`),
  cancel: (id) => post(`/scenarios/${id}/cancel`),
  explain: (id) => post(`/scenarios/${id}/explanation`),
  explanation: (id) => get(`/scenarios/${id}/explanation`),
  askPrices: (id) => post(`/scenarios/${id}/prices`),
  prices: (id) => get(`/scenarios/${id}/prices`),
  /** kind: "stress" or "frontier"; wish: what more is asked, where there is more. */
  askStudy: (id, kind, wish) => post(`/scenarios/${id}/${kind}`, wish),
  study: (id, kind) => get(`/scenarios/${id}/${kind}`),
  stopStudy: (id, kind) => post(`/scenarios/${id}/${kind}/cancel`),
  /** Map of the plan of a frontier's point. */
  tradedMap: (id, plan, period) =>
    get(`/scenarios/${id}/frontier/plans/${plan}/map${period ? `?${new URLSearchParams({ period })}` : ""}`),
  file: (id, name) => `/api/scenarios/${id}/files/${name}`,
  events: (id) => new EventSource(`/api/scenarios/${id}/events`),
};

async function ask(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new ApiError(0, "The server does not answer.");
  }
}

async function readJson(answer) {
  const text = await answer.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
