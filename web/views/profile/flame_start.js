// What an HTML file of its own does.
import { readFlame } from './flame_data.js';
import { Page } from './flame_page.js';

new Page(document.getElementById('profile'), readFlame(document.getElementById('flame-data').textContent));
