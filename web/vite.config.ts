import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` draws the console from source beside a running server: SIGNALBOX_API=http://127.0.0.1:7420 npm run dev
const api = process.env['SIGNALBOX_API'];

// The style of flame graphs, which are files of their own too, is here of one part of the page, and dark where the console is.
const flameStyle = {
  name: 'flame-style',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!id.endsWith('/flame.css')) return undefined;
    return `.profiles {\n${code.replaceAll('@media (prefers-color-scheme: dark) {', ":root[data-theme='dark'] & {")}\n}\n`;
  },
};

export default defineConfig({
  plugins: [flameStyle, svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  server: api ? { proxy: { '/api': api, '/open': api, '/evidence': api } } : {},
  test: { include: ['{shell,views}/**/*.test.ts'], setupFiles: './test_setup.ts' },
});
