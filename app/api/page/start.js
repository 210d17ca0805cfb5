"use strict";

// The main workflow, in order: operation ids.
const STEPS = [
  "create_application",
  "create_interview",
  "conclude_interview",
  "put_signals",
  "get_estimate",
  "simulate_estimate",
  "create_feedback",
  "put_assessment",
  "record_outcome",
];

// Shown below the description of the API: first steps, each a link to its operation.
function FirstSteps({ React, specSelectors }) {
  const element = React.createElement;
  const operations = specSelectors
    .operations()
    .toJS()
    .map(({ operation }) => operation);
  const steps = STEPS.map((id) => operations.find((it) => it.operationId === id)).filter(Boolean);
  if (!steps.length) return null;
  return element(
    "nav",
    { className: "first-steps", "aria-label": "First steps" },
    element("h2", null, "First steps"),
    element(
      "p",
      null,
      "Press Authorize and paste the key that was printed when the service started. Each step then ",
      "opens an operation with an example filled in; Execute sends it as it stands.",
    ),
    element(
      "ol",
      null,
      ...steps.map(({ operationId, summary, tags: [tag] }) =>
        element(
          "li",
          { key: operationId },
          element("a", { href: `#/${encodeURIComponent(tag)}/${operationId}` }, summary),
        ),
      ),
    ),
  );
}

const firstSteps = {
  wrapComponents: {
    InfoContainer: (Original, system) => (properties) =>
      system.React.createElement(
        system.React.Fragment,
        null,
        system.React.createElement(Original, properties),
        FirstSteps(system),
      ),
  },
};

// Deep links like `#/Estimates/get_estimate`. Swagger UI's own handler reads `_` as a blank, logs an
// error, and runs only when the page loads.
const deepLinks = {
  statePlugins: {
    layout: {
      wrapActions: {
        parseDeepLinkHash: (_original, { layoutActions }) => (fragment) => {
          const [tag, operation] = fragment.split("/").slice(1);
          if (!tag) return;
          const key = operation ? ["operations", tag, operation] : ["operations-tag", tag];
          layoutActions.show(["operations-tag", tag], true);
          layoutActions.show(key, true);
          const box = document.getElementById(key.join("-"));
          if (box) requestAnimationFrame(() => box.scrollIntoView());
          else layoutActions.scrollTo(key); // when it is rendered
        },
      },
    },
  },
};

const ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  plugins: [firstSteps, deepLinks],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});

addEventListener("hashchange", () =>
  ui.layoutActions.parseDeepLinkHash(decodeURIComponent(location.hash)),
);

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();
