#!/usr/bin/env python3
"""A Signalbox server's reading routes, passed on with a lie: liar.py ORIGIN FILE listens on a free port of the loopback, prints it, and lies as the
first line of FILE says at that moment."""
import base64, http.server, json, pathlib, sys, urllib.error, urllib.request

origin, file = sys.argv[1], pathlib.Path(sys.argv[2])
API = "/api/v1/evidence/"


def fetched(path, token):
    request = urllib.request.Request(origin + path, headers={"Authorization": token})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def lie(how, path, told, token):
    """What is said instead of `told`; None: there is no such thing."""
    words = how.split()
    what = words[0] if words else "honest"
    at = path.removeprefix(API).split("?")[0]
    index = int(words[1]) if len(words) > 1 and words[1].isdigit() else -1
    if what == "record" and at == f"entries/{index}":  # a record that says something else
        told["record"] = base64.b64encode(base64.b64decode(told["record"]).replace(b"evidence/tests", b"evidence/texts")).decode()
    elif what == "record-time" and at == f"entries/{index}":
        record = json.loads(base64.b64decode(told["record"]))
        record["time"] -= 1000
        told["record"] = base64.b64encode(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).decode()
    elif what == "envelope" and at == f"entries/{index}":  # somebody else's envelope
        told["envelope_octets"] = fetched(f"{API}entries/{words[2]}", token)["envelope_octets"]
    elif what == "hide" and at == f"entries/{index}":
        return None
    elif what == "drop" and at == "entries":
        told["entries"] = [e for e in told["entries"] if e["index"] != index]
    elif what == "instead" and at == "entries":
        told["entries"] = [dict(told["entries"][0], index=index)]
    elif what == "none" and at == "entries":
        told["entries"] = []
    elif what == "checkpoint" and at == "status":
        told["checkpoint"] = pathlib.Path(words[1]).read_text()
    elif what == "empty" and at == "status":
        told.update(size=0, checkpoint="")
    elif what == "forged" and at == "status":  # one root octet of what was signed
        lines = told["checkpoint"].split("\n")
        root = bytearray(base64.b64decode(lines[2]))
        root[0] ^= 1
        lines[2] = base64.b64encode(root).decode()
        told["checkpoint"] = "\n".join(lines)
    elif what == "proof" and at == f"proof/{index}":
        told["proof"] = told["proof"][:-1]
    return told


class Liar(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        how = (file.read_text().splitlines() or ["honest"])[0]
        token = self.headers.get("Authorization", "")
        try:
            said = lie(how, self.path, fetched(self.path, token), token)
            status = 200 if said is not None else 404
        except urllib.error.HTTPError as refused:
            said, status = None, refused.code
        body = json.dumps(said if said is not None else {"detail": "no such entry"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Liar)
print(server.server_port, flush=True)
server.serve_forever()
