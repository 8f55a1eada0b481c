"""traffic.py PORT FILE LOG: requests to the PORT of the shop until FILE is there, about 80 a second, for 600 s at most; LOG gets a line for each.
traffic.py --seen LOG SINCE VERSION VERSION...: what clients saw: nothing lost, each VERSION, and from SINCE on the last VERSION alone."""
import http.client
import os
import sys
import time


def make_requests(port, stop, log):
    end = time.time() + 600
    while not os.path.exists(stop) and time.time() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/")
            answer = connection.getresponse()
            line = f"{answer.status} {answer.read().decode()}"
            connection.close()
        except Exception as error:
            line = f"lost {error!r}"
        print(f"{time.time():.3f} {line}", file=log, flush=True)
        time.sleep(0.01)


def check(log, since, versions):
    lines = [line.split() for line in log]
    lost = [line for line in lines if line[1] not in ("200", "500")]
    assert not lost, f"{len(lost)} of {len(lines)} requests were lost: {lost[:3]}"
    seen = {line[2] for line in lines}
    assert set(versions) <= seen, f"{seen} answered, not all of {versions}"
    late = [line for line in lines if float(line[0]) > since and line[2] != versions[-1]]
    assert not late, f"not all on {versions[-1]}: {late[:3]}"
    print(f"{len(lines)} requests, none lost")


if sys.argv[1] == "--seen":
    with open(sys.argv[2]) as file:
        check(file, float(sys.argv[3]), sys.argv[4:])
else:
    with open(sys.argv[3], "w") as file:
        make_requests(int(sys.argv[1]), sys.argv[2], file)
