// The shop of the tests of departures: `node server.mjs PORT VERSION SHARE_OF_ERRORS` answers each request with its version, or with 500,
// and counts its answers as Prometheus reads them.
import http from "node:http";
import { pathToFileURL } from "node:url";

export function makeShop(version, shareOfErrors, random = Math.random) {
  const answers = { 200: 0, 500: 0 };
  const metrics = () =>
    "# TYPE http_requests_total counter\n" +
    Object.entries(answers)
      .map(([code, count]) => `http_requests_total{version="${version}",code="${code}"} ${count}\n`)
      .join("");
  return http.createServer((request, response) => {
    if (request.url === "/metrics") {
      response.end(metrics());
      return;
    }
    const code = random() < shareOfErrors ? 500 : 200;
    answers[code] += 1;
    response.statusCode = code;
    response.end(version);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [port, version, shareOfErrors] = process.argv.slice(2);
  makeShop(version, Number(shareOfErrors)).listen(Number(port), "127.0.0.1");
}
