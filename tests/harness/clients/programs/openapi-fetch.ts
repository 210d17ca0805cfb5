/** The main job through openapi-fetch, over the types of openapi-typescript. */

import createClient from "openapi-fetch";
import type { components, paths } from "./openapi-typescript.js";
import * as story from "./story.js";

type Problem = components["schemas"]["Problem"];

// Estimates are pictures too, for who asks for them; this program reads JSON, and says so.
const { GET, POST, PUT } = createClient<paths, `application/${string}`>({
  baseUrl: story.address,
  headers: { Authorization: `Bearer ${story.key}` },
});

function told<Data>(answer: { data?: Data; error?: Problem }): Data {
  if (answer.data === undefined) {
    throw new Error(answer.error?.detail ?? "no answer");
  }
  return answer.data;
}

/** Never called; that they are refused while compiling shows that nothing here is of any type. */
export const refused = [
  // @ts-expect-error - a stage that does not exist
  () => POST("/v1/applications", { body: { ...story.application, stage: "hired" } }),
  // @ts-expect-error - If-Match is missing
  () => PUT("/v1/interviews/{interview_id}/signals", { params: { path: atInterview }, body: {} }),
];

const application = told(await POST("/v1/applications", { body: story.application }));
const atApplication = { application_id: application.id };
const interview = told(
  await POST("/v1/applications/{application_id}/interviews", {
    params: { path: atApplication },
    body: story.interview,
  }),
);
const atInterview = { interview_id: interview.id };
const concluded = told(
  await POST("/v1/interviews/{interview_id}/conclusion", {
    params: { path: atInterview },
    body: story.conclusion,
  }),
);
told(
  await PUT("/v1/interviews/{interview_id}/signals", {
    params: { path: atInterview, header: { "If-Match": "*" } },
    body: { signals: story.signals },
  }),
);
const estimate = told(
  await GET("/v1/applications/{application_id}/estimate", { params: { path: atApplication } }),
);
const recorded = told(
  await PUT("/v1/applications/{application_id}/outcome", {
    params: { path: atApplication, header: { "If-None-Match": "*" } },
    body: story.outcome,
  }),
);
const again = await POST("/v1/interviews/{interview_id}/cancellation", {
  params: { path: atInterview },
});

story.print({
  state: concluded.state,
  probability: estimate.probability,
  band: estimate.band,
  interval: estimate.intervals[0],
  log_odds: estimate.log_odds,
  baseline: estimate.baseline.log_odds,
  contributions: estimate.contributions.map((part) => part.log_odds),
  outcome: recorded.outcome,
  refused: again.error?.code ?? "",
});
