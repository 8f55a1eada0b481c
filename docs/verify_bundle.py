#!/usr/bin/python3
"""Verifies a bundle of Signalbox without Signalbox: python3 verify_bundle.py BUNDLE KEY...

A KEY is a verifier key (`signalbox evidence key list`), of the log or of a signer. Needs PyNaCl (Debian: python3-nacl). What is checked, and where
its format is written down: the checkpoint's signature (C2SP signed-note, tlog-checkpoint), each record's inclusion under its root (RFC 6962), each
envelope's commitment in its record and its signature (DSSE), and that of the entries about a train each names the one before it. Prints what the
bundle shows; ends with 1 at the first thing that does not hold.
"""
import base64
import hashlib
import json
import sys

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


def fail(text):
    print(text)
    sys.exit(1)


def sha256(octets):
    return hashlib.sha256(octets).digest()


def signed_by(octets, message, keys):
    """Name of the key whose signature of the message these 64 octets are; None: of none of them."""
    for name, key in keys:
        try:
            VerifyKey(key).verify(message, octets)
            return name
        except (BadSignatureError, ValueError):
            continue
    return None


def read_key(vkey):
    name, _, octets = vkey.split("+", 2)
    octets = base64.b64decode(octets)
    if octets[0] != 1:
        fail(f"{name}: not an Ed25519 key")
    return name, octets[1:]


def open_checkpoint(note, keys):
    """Origin, size and root that a signed note says; its own key is the one of its origin's name."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    for line in signatures.splitlines():
        _, name, octets = line.split(" ")
        if name == origin and signed_by(base64.b64decode(octets)[4:], text.encode(), [k for k in keys if k[0] == origin]):
            return origin, int(size), base64.b64decode(root)
    return fail(f"checkpoint: no key given signed it as the log {origin}")


def root_from(index, size, leaf, proof):
    """The root that the audit path leads to (RFC 6962, 2.1.1), as RFC 9162, 2.1.3.2, walks it."""
    if index >= size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = sha256(b"\x01" + sibling + root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\x01" + root + sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def open_envelope(octets, keys):
    """The statement of an envelope, and who signed it."""
    envelope = json.loads(octets)
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    for signature in envelope["signatures"]:
        name = signed_by(base64.b64decode(signature["sig"]), message, keys)
        if name:
            return json.loads(payload), name
    return json.loads(payload), None


def check_entry(entry, size, root, keys):
    index = entry["index"]
    record, envelope, salt = (base64.b64decode(entry[part]) for part in ("record", "envelope", "salt"))
    proof = [base64.b64decode(sibling) for sibling in entry["proof"]]
    if root_from(index, size, sha256(b"\x00" + record), proof) != root:
        fail(f"entry {index}: its record is not under the root that the log signed")
    said = json.loads(record)
    if not envelope:
        return said, None, None
    if said["envelope"] != "sha256:" + sha256(salt + envelope).hex():
        fail(f"entry {index}: its envelope is not the one that the log holds")
    statement, signer = open_envelope(envelope, keys)
    if signer is None:
        fail(f"entry {index}: no key given signed it")
    if said["type"] != statement["predicateType"]:
        fail(f"entry {index}: its record names another type")
    return said, statement, signer


def check_story(entries):
    """Of each train in the bundle: each entry about it names the one before it. Says which trains there are."""
    trains = {}
    for index, (record, statement, _) in sorted(entries.items()):
        for subject in statement["subject"] if statement else []:
            if subject.get("name", "").startswith("train:"):
                trains[subject["name"]] = "sha256:" + subject["digest"]["sha256"]
    for name, digest in trains.items():
        if digest != "sha256:" + sha256(b"signalbox/train/v1\n" + name[len("train:"):].encode()).hex():
            fail(f"{name}: its digest is not that of its name")
        before = -1
        for index, (record, _, _) in sorted(entries.items()):
            if digest not in record["prev"]:
                continue
            if record["prev"][digest] != before:
                fail(f"entry {index} about {name} follows entry {record['prev'][digest]}, which is not here")
            before = index
    return trains


def main():
    if len(sys.argv) < 3:
        fail(__doc__.splitlines()[0])
    with open(sys.argv[1], encoding="utf-8") as file:
        bundle = json.load(file)
    keys = [read_key(key) for key in sys.argv[2:]]
    origin, size, root = open_checkpoint(bundle["checkpoint"], keys)
    entries = {entry["index"]: check_entry(entry, size, root, keys) for entry in bundle["entries"]}
    trains = check_story(entries)
    print(f"{len(entries)} entries of the {size} of {origin}; whole stories: {', '.join(sorted(trains)) or 'none'}")
    policy = bundle.get("policy")
    if policy and policy["digest"] != "sha256:" + sha256(policy["text"].encode()).hex():
        fail("policy: its digest is not that of its text")
    for index in bundle.get("decisions", []):
        if index not in entries or entries[index][1] is None:
            fail(f"decision {index} is not here")
        _, statement, signer = entries[index]
        said = statement["predicate"]
        commit = next(s["digest"]["gitCommit"] for s in statement["subject"] if "gitCommit" in s["digest"])
        wanted = {i["index"]: i["envelope"] for c in said["conditions"] for i in c["inputs"]}
        for evidence, digest in wanted.items():
            entry = next((e for e in bundle["entries"] if e["index"] == evidence), None)
            if entry is None or evidence >= index:
                fail(f"decision {index} rests on entry {evidence}, which is not here, or came later")
            octets = base64.b64decode(entry["envelope"])
            if octets and digest != "sha256:" + sha256(octets).hex():
                fail(f"decision {index} rests on another entry {evidence}")
        judged = "the policy here judged" if policy and policy["digest"] == said["policy"]["digest"] else "its policy is not here"
        print(f"#{index}: {said['decision']} for {commit} by {signer}, on {len(wanted)} entries of evidence; {judged}")


if __name__ == "__main__":
    main()
