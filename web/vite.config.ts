import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the API: `sostenuto up` listens there by itself.
const api = process.env.SOSTENUTO_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // The pages' policy forbids data: addresses in scripts and fonts; small files stay files.
    assetsInlineLimit: 0,
    // The budget is checked by tools/budget.mjs, from what a browser really loads first.
    manifest: true,
    reportCompressedSize: false,
  },
  server: { port: 5173, proxy: { "/v1": { target: api, ws: true }, "/livez": api, "/readyz": api } },
  test: {
    restoreMocks: true,
    // Most tests need no document; building one takes longer than running them.
    projects: [
      { extends: true, test: { name: "logic", environment: "node", include: ["src/**/*.test.ts"] } },
      { extends: true, test: { name: "pages", environment: "jsdom", include: ["src/**/*.test.tsx"] } },
    ],
  },
});
