"""A server by other people that webhooks call: receiver.py FILE. Prints its port; each request is a line of JSON in FILE; ends when its input does. The last part of
the path chooses what comes of it: ok; flaky is refused the first time; cut has no answer the first time; hold answers after a minute; fault is a fault; echo is refused
with the token in the words."""
import http.server, json, os, sys, threading, time

seen = {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        seen[self.path] = seen.get(self.path, 0) + 1
        first = seen[self.path] == 1
        with open(sys.argv[1], "a") as file:
            file.write(json.dumps({"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body}) + "\n")
        what = self.path.split("/")[1]
        if what == "cut" and first:
            self.connection.close()
            return
        if what == "hold":
            time.sleep(60)
        status, said = 200, "ok"
        if what == "flaky" and first:
            status, said = 404, "no such channel"
        if what == "fault":
            status, said = 500, "half of it is done"
        if what == "echo":
            status, said = 403, "not with " + self.headers.get("Authorization", "nothing")
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    do_POST = do_PUT = handle_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
