"""A deployer behind a webhook that keeps the rules of one: a step once, an older token never. python3 webhook.py
Prints its port, ends when its input does. GET /control/NAME/VALUE sets a fault: fail N (answers 500), slow S, cut N (takes the step and drops the answer)."""
import http.server, json, os, sys, threading, time

faults = {"fail": 0, "slow": 0, "cut": 0}
state = {"weight": 0, "step": "", "token": 0, "promoted": False}
done, calls = set(), []
lock = threading.Lock()


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.split("/")
        with lock:
            if parts[1] == "control":
                faults[parts[2]] = float(parts[3])
                return self.answer(200, {})
            self.answer(200, calls if parts[1] == "calls" else state)

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(faults["slow"])
        with lock:
            calls.append({"key": self.headers["Idempotency-Key"], "auth": self.headers["Authorization"], "order": order})
            if faults["fail"] > 0:
                faults["fail"] -= 1
                return self.answer(500, {"error": "the deployer fell over"})
            if order["token"] < state["token"]:
                return self.answer(409, {"error": "an older token"})
            if self.headers["Idempotency-Key"] not in done:
                done.add(self.headers["Idempotency-Key"])
                weight = {"set_weight": order["weight"], "promote": 100, "revert": 0}[order["action"]]
                state.update(weight=weight, step=order["step"], promoted=order["action"] == "promote")
            state["token"] = order["token"]
            if faults["cut"] > 0:
                faults["cut"] -= 1
                self.close_connection = True
                self.connection.close()
                return
            self.answer(200, state)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
