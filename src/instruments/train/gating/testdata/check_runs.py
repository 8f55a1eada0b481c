"""GitHub's API of check runs, as far as it is asked: prints its port. GET /control/MODE says what it answers from then on, GET /seen the last request."""
import http.server, json, sys, urllib.parse

mode = "green"
seen = {}

def run(number, name, sha, status="completed", conclusion="success"):
    return {"id": number, "name": name, "head_sha": sha, "status": status, "conclusion": conclusion, "html_url": f"https://example.org/{number}"}

class Api(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def answer(self, code, body):
        octets = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)
    def do_GET(self):
        global mode
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if parts[0] == "control":
            mode = parts[1]
            return self.answer(200, {})
        if parts[0] == "seen": return self.answer(200, seen)
        seen.update(path=url.path, token=self.headers.get("Authorization", ""))
        sha, page = parts[4], int(urllib.parse.parse_qs(url.query)["page"][0])
        if mode == "missing": return self.answer(404, {"message": "Not Found"})
        if mode == "junk": return self.answer(200, b"<html>")
        if mode == "other": return self.answer(200, {"total_count": 1, "check_runs": [run(1, "unit", "b" * 40)]})
        if mode == "red": return self.answer(200, {"total_count": 2, "check_runs": [run(1, "unit", sha), run(2, "scan", sha, conclusion="skipped")]})
        if mode == "running": return self.answer(200, {"total_count": 1, "check_runs": [run(1, "unit", sha, "in_progress", None)]})
        if mode == "many":
            first = 100 * (page - 1)
            return self.answer(200, {"total_count": 150, "check_runs": [run(n, f"job {n}", sha) for n in range(first, min(first + 100, 150))]})
        self.answer(200, {"total_count": 1, "check_runs": [run(7, "unit", sha)]})

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
print(server.server_address[1], flush=True)
sys.stdout.close()
server.serve_forever()
