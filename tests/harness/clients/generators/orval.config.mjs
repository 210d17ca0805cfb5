export default {
  debrief: {
    input: "openapi.json",
    output: {
      target: "orval/debrief.ts",
      client: "fetch",
      headers: true,
      override: {
        mutator: { path: "orval-call.ts", name: "call", extension: ".js" },
        // Estimates are pictures too, for who asks for them; this client reads JSON.
        contentType: { exclude: ["image/svg+xml"] },
      },
    },
  },
};
