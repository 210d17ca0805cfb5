/** The main job through the functions of orval. */

import {
  cancelInterview,
  concludeInterview,
  createApplication,
  createInterview,
  getEstimate,
  putSignals,
  recordOutcome,
  type Problem,
} from "./orval/debrief.js";
import * as story from "./story.js";

type Answer = { status: number; data: unknown };

/** Narrow an answer to the one with this status, and end with the problem in any other case. */
function told<Any extends Answer, Status extends Any["status"]>(
  answer: Any,
  status: Status,
): Extract<Any, { status: Status }>["data"] {
  if (!is(answer, status)) {
    throw new Error(`${answer.status}: ${JSON.stringify(answer.data)}`);
  }
  return answer.data;
}

function is<Any extends Answer, Status extends Any["status"]>(
  answer: Any,
  status: Status,
): answer is Extract<Any, { status: Status }> {
  return answer.status === status;
}

/** Never called; that they are refused while compiling shows that nothing here is of any type. */
export const refused = [
  // @ts-expect-error - a stage that does not exist
  () => createApplication({ ...story.application, stage: "hired" }),
  // @ts-expect-error - If-Match is missing
  () => putSignals(interview.id, { signals: story.signals }),
];

const application = told(await createApplication(story.application), 201);
const interview = told(await createInterview(application.id, story.interview), 201);
const concluded = told(await concludeInterview(interview.id, story.conclusion), 200);
told(await putSignals(interview.id, { signals: story.signals }, { "If-Match": "*" }), 200);
const estimate = told(await getEstimate(application.id), 200);
const recorded = told(
  await recordOutcome(application.id, story.outcome, { "If-None-Match": "*" }),
  200,
);
const refusal: Problem = told(await cancelInterview(interview.id), 409);

story.print({
  state: concluded.state,
  probability: estimate.probability,
  band: estimate.band,
  interval: estimate.intervals[0],
  log_odds: estimate.log_odds,
  baseline: estimate.baseline.log_odds,
  contributions: estimate.contributions.map((part) => part.log_odds),
  outcome: recorded.outcome,
  refused: refusal.code,
});
