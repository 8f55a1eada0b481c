"""A server that answers each POST with the status that its token names: python3 answers.py. Prints its port, ends when its input does."""
import http.server, json, os, sys, threading

posts = []


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        word = self.headers["Authorization"].removeprefix("Bearer ")
        document = json.loads(body)
        envelopes = document.get("envelopes", [document])
        posts.append(len(envelopes))
        status, answer, headers = 202, {"receipts": []}, {}
        if word == "garbage":
            answer = "<html>"
        elif word == "short":
            pass
        elif word.isdigit():
            status, answer = int(word), {"detail": f"because of {word}"}
            headers = {"Location": "https://elsewhere.example/"} if status // 100 == 3 else {}
        else:
            answer["receipts"] = [
                {"index": sum(posts[:-1]) + i, "leaf": e["payload"] * 64, "time": "2026-03-03T09:00:00Z"} for i, e in enumerate(envelopes)
            ]
        octets = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def do_GET(self):
        octets = json.dumps(posts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
