"""A server by other people, for tests of the client: python3 peer.py [CERTIFICATE KEY]. Prints its port, ends when its input does."""
import http.server, os, ssl, sys, threading, time

seen = {}


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen[self.path] = seen.get(self.path, 0) + 1
        first = seen[self.path] == 1
        path = self.path.split("/")[1]
        if path == "echo":
            self.answer(200, f"{self.command} {self.headers.get('Authorization')} ".encode() + body, X_Seen="Yes")
        elif path == "count":
            self.answer(200, str(seen.get("/" + "/".join(self.path.split("/")[2:]), 0)).encode())
        elif path == "busy":  # 503 the first time
            self.answer(503 if first else 200, b"done")
        elif path == "wait":  # 429 the first time, with the time to wait
            self.answer(429 if first else 200, b"done", **({"Retry_After": "0"} if first else {}))
        elif path == "cut":  # the connection ends without an answer the first time
            if first:
                self.close_connection = True
                self.connection.close()
            else:
                self.answer(200, b"done")
        elif path == "redirect":
            self.answer(302, Location="file:///etc/passwd")
        elif path == "big":
            self.answer(200, b"x" * 100_000)
        elif path == "slow":
            time.sleep(3)
            self.answer(200)
        else:
            self.answer(404, b"no")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
server.handle_error = lambda *_: None
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
