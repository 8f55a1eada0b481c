"""A server whose answer to GET PATH is the file in FOLDER whose name is PATH percent-encoded: python3 folder.py FOLDER. Prints its port, ends
when its input does."""
import http.server, os, pathlib, sys, threading, urllib.parse

folder = pathlib.Path(sys.argv[1])


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with (folder / "asked").open("a") as asked:
            asked.write(self.path + "\n")
        file = folder / urllib.parse.quote(self.path, safe="-._~")
        status, octets = (200, file.read_bytes()) if file.exists() else (404, b'{"detail": "there is none"}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
