// What an integrator writes against the generated types: who am I, two pages of assets by cursor, one asset by id.
// It must compile under --strict with nothing but the published document; given HABEO_URL and HABEO_TOKEN it also runs.
import createClient from "openapi-fetch";
import type { operations, paths } from "./schema.js";

type Asset = operations["listAssets"]["responses"][200]["content"]["application/json"]["data"][number];
type One = operations["getAsset"]["responses"][200]["content"]["application/json"]["data"];
type Me = operations["getMe"]["responses"][200]["content"]["application/json"]["data"];

const PAGE_SIZE = 25;

/** Turns an answer into its body, or a problem into an exception that reads alone. */
function body<T>(what: string, answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

async function main(baseUrl: string, token: string): Promise<void> {
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

  const me: Me = body("getMe", await api.GET("/api/v1/me")).data;
  console.log(`me: ${Object.keys(me).length} fields`);

  const seen: Asset[] = [];
  let cursor: string | null = null;
  let pages = 0;
  while (pages < 2) {
    const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) };
    const page = body("listAssets", await api.GET("/api/v1/assets", { params: { query } }));
    console.log(`page ${pages + 1}: ${page.data.length} assets`);
    seen.push(...page.data);
    pages += 1;
    // A union with null, not an optional member: the last page says so in words.
    const next: string | null = page.meta.nextCursor;
    if (next === null) break;
    cursor = next;
  }

  const ids = new Set(seen.map((asset) => asset.id));
  if (ids.size !== seen.length) throw new Error("an asset came twice");
  const [first] = seen;
  if (first === undefined) throw new Error("there is no asset to fetch");

  const one: One = body("getAsset", await api.GET("/api/v1/assets/{id}", { params: { path: { id: first.id } } })).data;
  if (one.id !== first.id) throw new Error(`asked for ${first.id}, got ${one.id}`);
  console.log(`${pages} pages, ${seen.length} assets, 1 fetched by id`);
}

const url = process.env["HABEO_URL"];
const token = process.env["HABEO_TOKEN"];
if (url === undefined || token === undefined) {
  throw new Error("HABEO_URL and HABEO_TOKEN say where to run");
}
await main(url.replace(/\/+$/, ""), token);
