"""The page of the walk beside what the walk did.

page.py note FOLDER OUTPUT COMMAND...   adds a command to the transcript of FOLDER
page.py commands PAGE FOLDER                 the page's commands are those that ran, in their order
page.py all PAGE FOLDER                      and they print what the page shows; a line `…` stands for any lines

In the page a block of `console` has lines `$ COMMAND`, each with its output below. What differs each time (times, ids, ports) is not compared.
"""
import json
import pathlib
import re
import shlex
import sys

VOLATILE = [
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"\b\d\d:\d\d:\d\d\b", "CLOCK"),
    (r"errors: [\d.]+ is above", "errors: N is above"),
    (r"builder@[\w.-]+", "builder@host"),
    (r"\b[0-9a-f]{7,64}\b", "ID"),
    (r"\b\d+(\.\d+)? ?(ms|s|m|h)\b", "DURATION"),
    (r"#\d+|\bentry +\d+", "ENTRY"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r" +", " "),
]


def stable(line):
    for pattern, word in VOLATILE:
        line = re.sub(pattern, word, line)
    return line.strip()


def blocks(text):
    """Of each console block its commands, each with the lines that the page shows below it."""
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.M | re.S):
        steps = []
        lines = iter(block.group(1).splitlines())
        for line in lines:
            if line.startswith("$ "):
                command = line[2:]
                while command.endswith("\\"):
                    command = command[:-1] + next(lines).strip()
                steps.append((shlex.split(command), []))
            elif not steps:
                sys.exit(f"a block of the page begins with no command: {line}")
            else:
                steps[-1][1].append(line)
        yield steps


def matches(shown, printed):
    """Whether `printed` is what the page shows, where `…` alone stands for any lines."""
    if not shown:
        return not printed
    if shown[0] == "…":
        return any(matches(shown[1:], printed[start:]) for start in range(len(printed) + 1))
    return bool(printed) and stable(shown[0]) == stable(printed[0]) and matches(shown[1:], printed[1:])


def compare(page, ran, with_output):
    at = 0
    shown_steps = list(blocks(page))
    if not any(shown_steps):
        sys.exit("the page shows no command: it has no block of `console`")
    for steps in shown_steps:
        for command, shown in steps:
            while at < len(ran) and ran[at]["command"] != command:
                at += 1
            if at == len(ran):
                sys.exit(f"the walk does not run this, or not in this order: {shlex.join(command)}")
            printed = ran[at]["output"].splitlines()
            at += 1
            if with_output and shown and not matches([line for line in shown if line], [line for line in printed if line]):
                sys.exit(f"{shlex.join(command)} printed something else than the page shows:\n" + "\n".join(printed))


mode = sys.argv[1]
if mode == "note":
    folder, output, command = sys.argv[2], sys.argv[3], sys.argv[4:]
    with open(f"{folder}/transcript", "a") as file:
        print(json.dumps({"command": command, "output": output.replace(folder, "/srv/shop")}), file=file)
else:
    page = pathlib.Path(sys.argv[2]).read_text()
    ran = [json.loads(line) for line in open(f"{sys.argv[3]}/transcript")]
    compare(page, ran, mode == "all")
