export default {
  debrief: {
    input: "openapi.json",
    output: {
      target: "orval/debrief.ts",
      client: "fetch",
      headers: true,
      override: {
        mutator: { path: "orval-call.ts", name: "call", extension: ".js" },
      },
    },
  },
};
