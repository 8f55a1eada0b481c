// What an SVG file of its own does when scripts run: the still picture makes room for the one that moves.
import { readFlame } from './flame_data.js';
import { FlameApp } from './flame_app.js';

function startSvg(svg) {
  const flame = readFlame(document.getElementById('flame-data').textContent);
  const frame = document.createElementNS('http://www.w3.org/2000/svg', 'foreignObject');
  for (const [name, value] of [['width', '100%'], ['height', '100%']]) {
    frame.setAttribute(name, value);
    svg.setAttribute(name, value);
  }
  const host = document.createElementNS('http://www.w3.org/1999/xhtml', 'div');
  host.setAttribute('class', 'page');
  frame.append(host);
  svg.removeAttribute('viewBox');
  document.getElementById('still').remove();
  svg.append(frame);
  const app = new FlameApp(host, flame);
  addEventListener('keydown', (event) => {
    if (app.root.contains(event.target)) return;
    app.key(event);
    app.view.key(event);
  });
}

if (document.documentElement.localName === 'svg') startSvg(document.documentElement);

