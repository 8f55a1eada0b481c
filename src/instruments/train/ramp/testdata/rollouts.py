"""The API of Kubernetes as far as a Rollout goes, with an Argo that acts at once. python3 rollouts.py
Prints its port, ends when its input does. GET /control/NAME/VALUE sets a fault: conflict N (patches answered 409), slow S, deny 1, stuck 1."""
import http.server, json, os, sys, threading, time

faults = {"conflict": 0, "slow": 0, "deny": 0, "stuck": 0}
calls = []
lock = threading.Lock()
STABLE = "registry/shop:1.2.0"
rollout = {
    "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
    "metadata": {"name": "shop", "namespace": "prod", "resourceVersion": "100", "generation": 1},
    "spec": {"template": {"spec": {"containers": [{"name": "sidecar", "image": "proxy:1"}, {"name": "app", "image": STABLE, "ports": [{"containerPort": 80}]}]}},
             "strategy": {"canary": {"steps": []}}},
    "status": {"observedGeneration": "1", "currentPodHash": STABLE, "stableRS": STABLE},
}


def merge(target, patch):  # RFC 7396
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def image():
    return next(c["image"] for c in rollout["spec"]["template"]["spec"]["containers"] if c["name"] == "app")


def reconcile():
    status = rollout["status"]
    if faults["stuck"]:
        return
    status["observedGeneration"] = str(rollout["metadata"]["generation"])
    if status.get("currentPodHash") != image():
        status["currentPodHash"] = image()
        status.pop("abort", None)
    stable = status["stableRS"]
    if status["currentPodHash"] == stable:
        status.pop("abort", None)
        status.pop("promoteFull", None)
        status["canary"] = {"weights": {"canary": {"weight": 0}, "stable": {"weight": 100}}}
    elif status.pop("promoteFull", False):
        status["stableRS"] = status["currentPodHash"]
        status["canary"] = {"weights": {"canary": {"weight": 0}, "stable": {"weight": 100}}}
    elif status.get("abort"):
        status["canary"] = {"weights": {"canary": {"weight": 0}, "stable": {"weight": 100}}}
    else:
        steps = rollout["spec"]["strategy"]["canary"]["steps"]
        weight = steps[0]["setWeight"] if steps else 0
        status["currentStepIndex"] = 1
        status["canary"] = {"weights": {"canary": {"weight": weight}, "stable": {"weight": 100 - weight}}}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.split("/")
        with lock:
            if parts[1] == "control":
                faults[parts[2]] = float(parts[3])
                return self.answer(200, {})
            if parts[1] == "calls":
                return self.answer(200, calls)
            if parts[1] == "touch":  # somebody else writes the resource
                rollout["metadata"]["resourceVersion"] = str(int(rollout["metadata"]["resourceVersion"]) + 1)
                return self.answer(200, {})
            if faults["deny"]:
                return self.answer(403, {"kind": "Status", "message": "rollouts is forbidden"})
            self.answer(200, rollout)

    def do_PATCH(self):
        global rollout
        patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(faults["slow"])
        with lock:
            if self.headers["Content-Type"] != "application/merge-patch+json":
                return self.answer(415, {"message": "unsupported media type"})
            given = patch.get("metadata", {}).get("resourceVersion")
            if faults["conflict"] > 0 or (given is not None and given != rollout["metadata"]["resourceVersion"]):
                faults["conflict"] = max(0, faults["conflict"] - 1)
                return self.answer(409, {"kind": "Status", "reason": "Conflict", "message": "the object has been modified"})
            is_status = self.path.endswith("/status")
            calls.append({"status": is_status, "patch": patch})
            allowed = {"status"} if is_status else {"spec", "metadata"}
            rollout = merge(rollout, {k: v for k, v in patch.items() if k in allowed})
            rollout["metadata"]["resourceVersion"] = str(int(rollout["metadata"]["resourceVersion"]) + 1)
            if "spec" in patch and not is_status:
                rollout["metadata"]["generation"] += 1
            reconcile()
            self.answer(200, rollout)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
