"""Reads one shard from standard input: zstd -dc shards/hamlet-00000.tar.zst | python3 read_hamlet.py"""
import hashlib
import json
import sys
import tarfile
from email import message_from_bytes, policy

mails = agreed = 0
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as shard:
    for file in shard:
        octets = shard.extractfile(file).read()
        if file.name.endswith(".eml"):
            mail = octets
            continue
        body = json.loads(octets)["body"]  # a .json follows its .eml
        mails += 1
        payload = message_from_bytes(mail, policy=policy.default).get_payload(decode=True)
        if body["kind"] == "leaf" and payload is not None:
            agreed += hashlib.sha256(payload).hexdigest() == body["sha256"]
print(f"{mails} messages; {agreed} of those with one part decode to the expected octets")
