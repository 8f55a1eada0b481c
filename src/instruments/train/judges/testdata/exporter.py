"""A tiny exporter: python3 exporter.py FOLDER. Prints its port, then serves the files of FOLDER as metrics until its input ends."""
import http.server, os, pathlib, sys, threading

folder = pathlib.Path(sys.argv[1])


class Exporter(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        file = folder / pathlib.Path(self.path).name
        body = file.read_bytes() if file.is_file() else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
