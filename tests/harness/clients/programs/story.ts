/** The main job's story, which every client tells, and the report that each prints. */

import { argv } from "node:process";

const [, , givenAddress, givenKey] = argv;
if (givenAddress === undefined || givenKey === undefined) {
  throw new Error("say where the server is, and with which key");
}
export const address: string = givenAddress;
export const key: string = givenKey;

export const application = {
  company: { name: "Halden Instruments" },
  job_title: "Backend Engineer",
  applied_on: "2026-10-19",
} as const;
export const interview = {
  round: "first",
  format: "video",
  starts_at: "2026-11-02T10:00:00Z",
  planned_minutes: 45,
} as const;
export const conclusion = { ended_at: "2026-11-02T11:05:00Z" } as const;
export const signals = {
  ran_longer: "clearly",
  conversational: "clearly",
  told_what_you_would_do: "clearly",
  interviewer_engaged: "clearly",
  felt_excited: "clearly",
  met_colleagues: "clearly",
  questions_answered_in_full: "clearly",
  met_decision_makers: "clearly",
  closing_questions: "clearly",
  clear_next_steps: "clearly",
  good_feedback_to_recruiter: "positive",
  no_questions_prepared: "absent",
  rambled: "absent",
  spoke_ill_of_employer: "absent",
  caught_off_guard: "absent",
  recurring_reservation: "absent",
} as const;
export const outcome = { outcome: "offer", known_on: "2026-11-20" } as const;

/** What a client read on its way; the fields are those that the service named. */
export interface Report {
  readonly state: string;
  readonly probability: number;
  readonly band: string;
  readonly interval: { readonly low: number; readonly high: number } | undefined;
  readonly log_odds: number;
  readonly baseline: number;
  readonly contributions: readonly number[];
  readonly outcome: string;
  readonly refused: string;
}

export function print(report: Report): void {
  console.log(JSON.stringify(report));
}
