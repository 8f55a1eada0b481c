import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` draws the console from source beside a running server: SIGNALBOX_API=http://127.0.0.1:7420 npm run dev
const api = process.env['SIGNALBOX_API'];

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  server: api ? { proxy: { '/api': api, '/open': api, '/evidence': api } } : {},
  test: { include: ['{shell,views}/**/*.test.ts'], setupFiles: './test_setup.ts' },
});
