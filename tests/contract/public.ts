// What an app of the marketplace writes against the generated types of `/public/v1`: who am I, what is there, and tell me of it.
// It must compile under --strict with nothing but the published document; given HABEO_URL and HABEO_TOKEN it also runs.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

/** Turns an answer into its body, or a failure into an exception that reads alone. */
function body<T>(what: string, answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

async function main(baseUrl: string, token: string): Promise<void> {
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const me = body("me", await api.GET("/public/v1/me"));
  const path = { org_id: me.org_id, entity_id: me.entity_id };
  const assets = body("assets", await api.GET("/public/v1/orgs/{org_id}/entities/{entity_id}/assets", { params: { path } }));
  const made = body(
    "subscribe",
    await api.POST("/public/v1/orgs/{org_id}/entities/{entity_id}/webhooks", {
      params: { path, header: { "Idempotency-Key": "once" } },
      body: { url: "https://hooks.example.com/habeo", events: ["asset.*"] },
    }),
  );
  if (!made.signing_secret.startsWith("whsec_")) throw new Error("there is no secret");
  const listed = body("list", await api.GET("/public/v1/orgs/{org_id}/entities/{entity_id}/webhooks", { params: { path } }));
  if (!listed.data.some((one) => one.id === made.id)) throw new Error("it is not listed");
  console.log(`${assets.data.length} assets, ${listed.data.length} subscription`);
}

const { HABEO_URL: url, HABEO_TOKEN: token } = process.env;
if (url === undefined || token === undefined) {
  throw new Error("HABEO_URL and HABEO_TOKEN say where to run");
}
await main(url.replace(/\/+$/, ""), token);
