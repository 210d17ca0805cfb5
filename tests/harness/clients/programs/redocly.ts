/** The main job through the client of Redocly. */

import { client } from "./redocly/debrief.js";
import * as story from "./story.js";

client.configure({ serverUrl: story.address });
client.auth.bearer(story.key);

function told<Data>(answer: { data: Data | undefined; error: unknown }): Data {
  if (answer.data === undefined) {
    throw new Error(JSON.stringify(answer.error));
  }
  return answer.data;
}

/** Never called; that they are refused while compiling shows that nothing here is of any type. */
export const refused = [
  // @ts-expect-error - a stage that does not exist
  () => client.create_application({ body: { ...story.application, stage: "hired" } }),
  // @ts-expect-error - If-Match is missing
  () => client.put_signals({ path: atInterview, body: { signals: story.signals } }),
];

const application = told(await client.create_application({ body: story.application }));
const atApplication = { application_id: application.id };
const interview = told(await client.create_interview({ path: atApplication, body: story.interview }));
const atInterview = { interview_id: interview.id };
const concluded = told(
  await client.conclude_interview({ path: atInterview, body: story.conclusion }),
);
told(
  await client.put_signals({
    path: atInterview,
    headers: { "If-Match": "*" },
    body: { signals: story.signals },
  }),
);
const estimate = told(await client.get_estimate({ path: atApplication }));
const recorded = told(
  await client.record_outcome({
    path: atApplication,
    headers: { "If-None-Match": "*" },
    body: story.outcome,
  }),
);
const again = await client.cancel_interview({ path: atInterview });

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
