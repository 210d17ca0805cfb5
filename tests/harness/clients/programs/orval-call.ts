/** How orval's functions reach the service: it leaves address and key to whoever uses them. */

import * as story from "./story.js";

export async function call<Answer>(path: string, options: RequestInit): Promise<Answer> {
  const headers = new Headers(options.headers);
  headers.set("Authorization", `Bearer ${story.key}`);
  const answer = await fetch(new URL(path, story.address), { ...options, headers });
  const data: unknown = answer.status === 204 ? undefined : await answer.json();
  return { data, status: answer.status, headers: answer.headers } as Answer;
}
