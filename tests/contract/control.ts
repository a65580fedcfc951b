// What a program writes against the generated types of `/v1`: an endpoint is made, tested, looked at and deleted.
// It must compile under --strict with nothing but the published document; given HABEO_URL, HABEO_TOKEN and HABEO_APP it also runs.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

/** Turns an answer into its data, or a failure into an exception that reads alone. */
function data<T>(what: string, answer: { data?: { success: boolean; data: T }; error?: unknown; response: Response }): T {
  if (answer.data === undefined || !answer.data.success) {
    throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data.data;
}

async function main(baseUrl: string, key: string, app: string): Promise<void> {
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
  const body = { app_id: app, url: "https://hooks.example.edu/habeo", events: ["record.created"] };
  const header = { "Idempotency-Key": "make-it-once" };
  const made = data("create", await api.POST("/v1/webhooks", { params: { header }, body }));
  const again = data("create again", await api.POST("/v1/webhooks", { params: { header }, body }));
  if (again.id !== made.id || again.secret !== made.secret) throw new Error("it was made twice");
  const path = { id: made.id };
  const event: string = data("test", await api.POST("/v1/webhooks/{id}/test", { params: { path } })).id;
  const log = data("deliveries", await api.GET("/v1/webhooks/{id}/deliveries", { params: { path } }));
  if (log.length !== 1 || log[0]?.event_id !== event) throw new Error("the test is not in the log");
  const rotated = data("rotate", await api.POST("/v1/webhooks/{id}/rotate", { params: { path }, body: { grace_seconds: 60 } }));
  if (rotated.secret === made.secret) throw new Error("the secret stayed");
  const detail = data("get", await api.GET("/v1/webhooks/{id}", { params: { path } }));
  const until: string | null = detail.previous_secret_expires_at;
  data("delete", await api.DELETE("/v1/webhooks/{id}", { params: { path } }));
  const left = data("list", await api.GET("/v1/webhooks"));
  console.log(`made, tested, rotated (${until !== null}) and deleted; ${left.length} left`);
}

const { HABEO_URL: url, HABEO_TOKEN: token, HABEO_APP: app } = process.env;
if (url === undefined || token === undefined || app === undefined) {
  throw new Error("HABEO_URL, HABEO_TOKEN and HABEO_APP say where to run");
}
await main(url.replace(/\/+$/, ""), token, app);
