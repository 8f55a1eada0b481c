"""A receiver of profiles: profile_receiver.py FOLDER. Prints its port; request N lies in FOLDER as N.json (method, path, headers) and N.body; ends when its input does.
FOLDER/say, where it is there, holds what the next requests are answered: a line `STATUS [HEADER=VALUE]` for each of them; then 200. A call of gRPC-Web is answered
with a frame and a trailer, with the status of gRPC that FOLDER/grpc holds."""
import http.server, json, os, struct, sys, threading

folder = sys.argv[1]
lock = threading.Lock()
count = 0


def next_answer():
    path = os.path.join(folder, "say")
    try:
        with open(path) as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return 200, {}
    if not lines:
        return 200, {}
    with open(path, "w") as file:
        file.write("".join(line + "\n" for line in lines[1:]))
    words = lines[0].split()
    return int(words[0]), dict(word.split("=", 1) for word in words[1:])


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            # Before the request is to be seen: who waits for it may say what the next one is answered.
            status, headers = next_answer()
            count += 1
            with open(os.path.join(folder, f"{count}.body"), "wb") as file:
                file.write(body)
            with open(os.path.join(folder, f"{count}.json"), "w") as file:
                json.dump({"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}, file)
        said = b"" if status == 200 else b"said with " + self.headers.get("Authorization", "nothing").encode()
        if status == 200 and self.headers.get("Content-Type", "").startswith("application/grpc-web"):
            code = open(os.path.join(folder, "grpc")).read().strip() if os.path.exists(os.path.join(folder, "grpc")) else "0"
            trailer = f"grpc-status: {code}\r\ngrpc-message: by%20the%20store\r\n".encode()
            said = struct.pack(">BI", 0, 0) + struct.pack(">BI", 0x80, len(trailer)) + trailer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
