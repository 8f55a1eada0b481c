#!/usr/bin/env python3
"""junit.py OUT DIRECTORY...: one JUnit file of all that ran.

Each DIRECTORY holds ctest.xml (ctest --output-junit) and, where a test was a GoogleTest program, its own NAME.xml with one case a test.
A program that failed without saying so in its own file (a crash, a time-out, a sanitizer) counts as one failed case. Prints
`PASSED FAILED SKIPPED` and then, for each failed case, its name and the last lines of what it said.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

LINES_OF_A_FAILURE = 40


def cases_of(directory):
    """Yields (suite, name, seconds, outcome, text); outcome is passed, failed or skipped."""
    ctest = directory / "ctest.xml"
    if not ctest.exists():
        return
    for case in ElementTree.parse(ctest).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        own, own_failed = [], False
        detail = directory / f"{name}.xml"
        if detail.exists():
            for inner in ElementTree.parse(detail).getroot().iter("testcase"):
                failures = [f.get("message") or f.text or "" for f in inner.iter("failure")]
                skipped = inner.get("result") == "skipped" or inner.find("skipped") is not None
                outcome = "failed" if failures else "skipped" if skipped else "passed"
                own_failed = own_failed or bool(failures)
                own.append((inner.get("classname"), inner.get("name"), float(inner.get("time") or 0), outcome, "\n".join(failures)))
        yield from own
        text = (case.findtext("system-out") or "")[-8000:]
        if status == "fail" and not own_failed:
            yield (name, "ends as it should", float(case.get("time") or 0), "failed", text)
        elif not own:
            outcome = {"run": "passed", "fail": "failed"}.get(status, "skipped")
            yield (name, "passes", float(case.get("time") or 0), outcome, text if outcome != "passed" else "")


def printable(text):
    return "".join(c if c in "\t\n" or c >= " " else "?" for c in text)


def main():
    out, directories = pathlib.Path(sys.argv[1]), sys.argv[2:]
    root = ElementTree.Element("testsuites", name="signalbox")
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    failed = []
    for directory in map(pathlib.Path, directories):
        suite = ElementTree.SubElement(root, "testsuite", name=directory.name)
        counts = dict.fromkeys(totals, 0)
        for group, name, seconds, outcome, text in cases_of(directory):
            counts[outcome] += 1
            case = ElementTree.SubElement(suite, "testcase", classname=f"{directory.name}.{group}", name=name, time=f"{seconds:.3f}")
            if outcome == "failed":
                ElementTree.SubElement(case, "failure", message="failed").text = printable(text)
                failed.append(f"FAILED {directory.name}: {group}.{name}")
                failed += [f"  | {line[:300]}" for line in printable(text).splitlines() if line.strip()][-LINES_OF_A_FAILURE:]
            elif outcome == "skipped":
                ElementTree.SubElement(case, "skipped")
        for outcome, count in counts.items():
            totals[outcome] += count
        suite.set("tests", str(sum(counts.values())))
        suite.set("failures", str(counts["failed"]))
        suite.set("skipped", str(counts["skipped"]))
    root.set("tests", str(sum(totals.values())))
    root.set("failures", str(totals["failed"]))
    ElementTree.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
    print(totals["passed"], totals["failed"], totals["skipped"])
    print("\n".join(failed))


main()
