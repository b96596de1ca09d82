"""Reads messages from standard input and says what Python's email makes of each. Frames both ways: four octets of length,
big-endian, then as many octets: a message in, JSON out."""
import base64
import json
import struct
import sys
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")


def part_of(part):
    kind = part.get_content_type()
    text = octets = None
    parts = []
    if part.is_multipart():
        parts = [part_of(inner) for inner in part.get_payload()]
    else:
        raw = part.get_payload(decode=True) or b""
        octets = base64.b64encode(raw).decode("ascii")
        if kind.startswith("text/"):
            try:
                text = part.get_content()
            except LookupError:  # an unknown charset
                text = raw.decode("utf-8", "replace")
    charset = part.get_content_charset() if kind.startswith("text/") else None
    return {
        "type": kind,
        "charset": charset,
        "name": part.get_filename(),
        "disposition": part.get_content_disposition(),
        "octets": octets,
        "text": text,
        "parts": parts,
    }


def reading_of(octets):
    mail = message_from_bytes(octets, policy=policy.default)
    addresses = []
    for name in FIELDS:
        for field in mail.get_all(name, []):
            for one in field.addresses:
                local, domain = one.username, one.domain
                addresses.append({"name": one.display_name, "address": f"{local}@{domain}" if domain else local})
    date = mail["date"]
    stamp = parsedate_to_datetime(str(date)) if date is not None and date.datetime is not None else None
    identifier = mail["message-id"]
    return {
        "root": part_of(mail),
        "subject": None if mail["subject"] is None else str(mail["subject"]),
        "date": None if stamp is None else round(stamp.timestamp() * 1000),
        "messageId": None if identifier is None else str(identifier).strip().removeprefix("<").removesuffix(">"),
        "addresses": addresses,
    }


def main():
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        head = source.read(4)
        if len(head) < 4:
            return
        octets = source.read(struct.unpack(">I", head)[0])
        try:
            answer = {"reading": reading_of(octets)}
        except Exception as error:  # whatever a message makes it raise is what we want to know
            answer = {"error": f"{type(error).__name__}: {error}"}
        said = json.dumps(answer).encode("utf-8")
        target.write(struct.pack(">I", len(said)) + said)
        target.flush()


sys.setrecursionlimit(10000)
main()
