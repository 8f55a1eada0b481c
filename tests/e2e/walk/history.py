"""history.py | git fast-import: a history for the walk where that of vite is not there. Three people, two releases and tags of other packages beside
them, a pre-release on another branch, and after v8.2.2 the requests that the walk names, between commits that are routine."""
import sys

WAITING = [
    ("feat: read the options of the watcher", 23133), ("feat: keep the parameters of workers", 22280), ("chore: tidy up", 0),
    ("feat: hooks at the end of a server", 23110), ("feat(worker): drop what nobody asks for", 22473), ("feat(css): smaller styles", 23183),
    ("feat: imports of parts of oneself", 23185), ("feat(cli): a name for a profile", 23042), ("ci: a workflow for bots", 23311),
    ("refactor: one idea less", 23172), ("fix(hmr): modules without a file", 23171), ("fix(dev): close after a failed end", 23165),
    ("fix(config): close what was opened", 23256), ("feat: addresses of assets", 22888), ("feat: addresses elsewhere", 22894),
    ("docs: what a plugin may give", 22898), ("test: one case more", 23157),
]
marks = 0


def commit(ref, subject, parent=None):
    global marks
    marks += 1
    name = ("Ada", "Ben", "Cleo")[marks % 3]
    who = f"{name} <{name.lower()}@example.com> {1780000000 + 600 * marks} +0000"
    print(f"commit {ref}\nmark :{marks}\nauthor {who}\ncommitter {who}\ndata {len(subject)}\n{subject}")
    if parent:
        print(f"from :{parent}")
    return marks


def tag(name):
    print(f"reset refs/tags/{name}\nfrom :{marks}\n")


for number in range(200):
    commit("refs/heads/main", f"{('fix', 'feat', 'test')[number % 3]}: change {number} (#{20000 + number})")
    if number == 150:
        tag("v8.2.1"), tag("create-vite@9.0.0")
commit("refs/heads/main", "test(ssr): a case of destructuring (#23308)")
released = commit("refs/heads/main", "release: v8.2.2")
tag("v8.2.2"), tag("plugin-legacy@8.1.0")
commit("refs/heads/beta", "feat!: another way", released)
tag("v9.0.0-beta.0")
parent = released
for subject, request in WAITING:
    parent = commit("refs/heads/main", subject + (f" (#{request})" if request else ""), parent)
sys.stdout.flush()
