#!/usr/bin/env python3
"""A Signalbox server, passed on with a lie of what it reads: liar.py ORIGIN FILE listens on a free port of the loopback, prints it, and lies as the
first line of FILE says at that moment."""
import base64, http.server, json, pathlib, struct, subprocess, sys, time, urllib.error, urllib.request

origin, file = sys.argv[1], pathlib.Path(sys.argv[2])
API = "/api/v1/evidence/"


class Refused(Exception):
    def __init__(self, status):
        self.status = status


def fetched(path, token):
    request = urllib.request.Request(origin + path, headers={"Authorization": token})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def with_record(octets, at, change):
    """An entry bundle whose record `at` is another: each is behind its length in two octets."""
    out, index = b"", 0
    while octets:
        (length,) = struct.unpack(">H", octets[:2])
        record, octets = octets[2 : 2 + length], octets[2 + length :]
        record = change(record) if index == at else record
        out += struct.pack(">H", len(record)) + record
        index += 1
    return out


def earlier(octets):
    record = json.loads(octets)
    record["time"] -= 1000
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def lie_of_tiles(words, path, octets):
    what, index = words[0], int(words[1]) if len(words) > 1 and words[1].isdigit() else -1
    is_records = "/tile/entries/" in path
    if what == "record" and is_records:  # a record that says something else
        return with_record(octets, index, lambda record: record.replace(b"evidence/tests", b"evidence/texts"))
    if what == "record-time" and is_records:
        return with_record(octets, index, earlier)
    if what == "hide-records" and is_records:
        raise Refused(404)
    if what == "fewer-records" and is_records:
        return octets[: len(octets) // 2]
    return octets


def lie(words, path, told, token):
    """What is said instead of `told`."""
    what = words[0]
    at = path.removeprefix(API).split("?")[0]
    index = int(words[1]) if len(words) > 1 and words[1].isdigit() else -1
    if what == "record" and at == f"entries/{index}":
        told["record"] = base64.b64encode(base64.b64decode(told["record"]).replace(b"evidence/tests", b"evidence/texts")).decode()
    elif what == "record-time" and at == f"entries/{index}":
        told["record"] = base64.b64encode(earlier(base64.b64decode(told["record"]))).decode()
    elif what == "envelope" and at == f"entries/{index}":  # somebody else's envelope
        told["envelope_octets"] = json.loads(fetched(f"{API}entries/{words[2]}", token))["envelope_octets"]
    elif what == "conceal" and at.startswith("entries/"):  # what a log of many subjects shows to who may not read it
        told.update(envelope_octets="", salt="")
    elif what == "hide" and at == f"entries/{index}":
        raise Refused(404)
    elif what == "drop" and at == "entries":
        told["entries"] = [e for e in told["entries"] if e["index"] != index]
    elif what in ("instead", "conceal") and at == "entries" and index >= 0:
        told["entries"] = [{"index": index}] if f"before={index}&" not in path else []
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
    elif what == "meanwhile" and at == "status":  # something else happens before the answer arrives
        file.write_text("honest\n")
        subprocess.run(["sh", words[1]], check=True)
    elif what == "proof" and at == f"proof/{index}":
        told["proof"] = told["proof"][:-1]
    elif what == "consistency" and at == "consistency":
        if words[1].isdigit():
            raise Refused(int(words[1]))
        told["proof"] = told["proof"][:-1] + ([words[1]] if words[1] != "short" else [])
    return told


class Liar(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        words = (file.read_text().split("\n")[0] or "honest").split()
        token = self.headers.get("Authorization", "")
        try:
            body, status = fetched(self.path, token), 200
            if words[0] == "slow":
                time.sleep(float(words[1]))
            if self.path.startswith(API):
                body = json.dumps(lie(words, self.path, json.loads(body), token)).encode()
            else:
                body = lie_of_tiles(words, self.path, body)
        except urllib.error.HTTPError as refused:
            body, status = refused.read(), refused.code
        except Refused as refused:
            body, status = b'{"detail": "no such thing"}', refused.status
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # who asked did not wait

    def do_POST(self):  # passed on as it is
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {"Authorization": self.headers.get("Authorization", ""), "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(origin + self.path, body, headers)) as answer:
                said, status = answer.read(), answer.status
        except urllib.error.HTTPError as refused:
            said, status = refused.read(), refused.code
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
print(server.server_port, flush=True)
server.serve_forever()
