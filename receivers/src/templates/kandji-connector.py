#!/usr/bin/env python3
"""Reports the devices of Kandji (Iru) to Habeo. Run it every ten minutes or so, for instance with cron.

It reads the list of devices with an API token that may do no more than that, and sends it signed. Devices that were in the
list the last time and are not any more are reported as removed. Nothing but Python 3.8 or later is needed.

    KANDJI_API=https://TENANT.api.kandji.io/api/v1  KANDJI_TOKEN=...  python3 kandji-connector.py
"""

import datetime
import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.request

HABEO_URL = "__HABEO_URL__"
HABEO_SECRET = "__HABEO_SECRET__"
KNOWN = os.environ.get("KANDJI_KNOWN", "kandji-known.json")
PAGE = 300
FIELDS = (
    "device_id", "device_name", "model", "serial_number", "platform", "os_version", "asset_tag",
    "first_enrollment", "last_enrollment", "last_check_in", "mdm_enabled", "is_removed", "user",
)


def devices():
    """Every device, page by page."""
    offset = 0
    while True:
        address = "%s/devices?limit=%d&offset=%d" % (os.environ["KANDJI_API"].rstrip("/"), PAGE, offset)
        token = {"Authorization": "Bearer " + os.environ["KANDJI_TOKEN"]}
        with urllib.request.urlopen(urllib.request.Request(address, headers=token), timeout=60) as answer:
            page = json.load(answer)
        for device in page:
            yield {field: device[field] for field in FIELDS if field in device}
        if len(page) < PAGE:
            return
        offset += PAGE


def send(document):
    """Sends a document with the signature of its exact bytes."""
    body = json.dumps(document).encode()
    signature = hmac.new(HABEO_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Habeo-Signature": signature}
    urllib.request.urlopen(urllib.request.Request(HABEO_URL, data=body, headers=headers), timeout=30).close()


def main():
    """Sends the whole list, then what is gone; remembers the list only when all of that was taken."""
    found = list(devices())
    if not found:
        sys.exit("Kandji shows no devices at all: nothing was sent")
    for start in range(0, len(found), PAGE):
        send(found[start:start + PAGE])
    try:
        with open(KNOWN, encoding="utf-8") as file:
            known = json.load(file)
    except FileNotFoundError:
        known = {}
    now = {device["device_id"]: {"device_id": device["device_id"], "serial_number": device.get("serial_number")} for device in found}
    for key in known:
        if key not in now:
            gone = datetime.datetime.now(datetime.timezone.utc).isoformat()
            send({"event": "device.unenrolled", "event_id": "gone-%s-%s" % (key, gone), "occurred_at": gone, "device": known[key]})
    with open(KNOWN + ".new", "w", encoding="utf-8") as file:
        json.dump(now, file)
    os.replace(KNOWN + ".new", KNOWN)


if __name__ == "__main__":
    try:
        main()
    except urllib.error.HTTPError as error:
        sys.exit("%s answered %d: %s" % (error.url.split("?")[0], error.code, error.read(500).decode("utf-8", "replace")))
