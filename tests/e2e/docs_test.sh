#!/bin/sh
# The documentation is true to the programs: each `signalbox COMMAND …` in it is a command that is there, with the options it is shown with;
# each link leads to a file; each script named is there; each command has its page.
set -eu
exec python3 - <<'END'
import os, pathlib, re, subprocess, sys

root = pathlib.Path(os.environ["SIGNALBOX_SOURCE_DIR"])
program = os.environ["SIGNALBOX"]
pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
problems, helps = [], {}


def help_of(words):
    """What `signalbox WORDS --help` prints, or None where there is no such command."""
    if words not in helps:
        done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        helps[words] = done.stdout if done.returncode == 0 else None
    return helps[words]


def command_of(words):
    """The longest run of words that is a command, and what follows it."""
    for count in range(min(3, len(words)), 0, -1):
        if all(re.fullmatch(r"[a-z][a-z0-9-]*", word) for word in words[:count]):
            text = help_of(tuple(words[:count]))
            if text is not None and (count == 1 or text != help_of(tuple(words[: count - 1]))):
                return words[:count], words[count:]
    return [], words


def check_command(page, text):
    words = text.split()
    if not words or words[0].startswith("-") or not re.fullmatch(r"[a-z][a-z0-9-]*", words[0]):
        return
    name, rest = command_of(words)
    if not name:
        problems.append(f"{page}: `signalbox {text}`: there is no such command")
        return
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(rest)):
        if option not in help_of(tuple(name)):
            problems.append(f"{page}: `signalbox {' '.join(name)}` has no option {option}")


checked = 0
for path in pages:
    page, text = path.relative_to(root), path.read_text()
    if page.parts[:2] == ("docs", "decisions"):
        commands = []
    else:
        blocks = "\n".join(re.findall(r"^```(?:sh|console)?\n(.*?)^```", text, re.M | re.S) + re.findall(r"^    .*$", text, re.M))
        spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
        shown = [line.strip().removeprefix("$ ") for line in blocks.splitlines()] + spans
        # What stands before a pipe, a comment or a redirection is the command.
        commands = [re.split(r"\s[|#>&;]", line, maxsplit=1)[0] for line in shown]
    for line in commands:
        called = re.match(r"(?:\./run|signalbox|build/\w+/bin/signalbox) (.*)", line)
        if called and "hello" not in line:
            checked += 1
            check_command(page, re.sub(r"\[|\]", " ", called.group(1)))
        script = re.match(r"(?:\./)?((?:scripts|bench|\.ci)/[\w.]+|run|test)(?: |$)", line)
        if script and not (root / script.group(1)).exists():
            problems.append(f"{page}: {script.group(1)} is not there")
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", link) and not (path.parent / link).exists():
            problems.append(f"{page}: the link {link} leads nowhere")

titles = [path.read_text().split("\n", 1)[0] for path in (root / "docs" / "commands").glob("*.md")]
for name in re.findall(r"^  ([a-z][a-z0-9-]*)  ", subprocess.run([program, "--help"], capture_output=True, text=True).stdout, re.M):
    if not any(re.search(rf"\bsignalbox {name}\b", title) for title in titles):
        problems.append(f"{name}: no page in docs/commands has it in its title")
print(f"{checked} commands in {len(pages)} pages")
print("\n".join(problems))
sys.exit(1 if problems or checked < 10 else 0)
END
