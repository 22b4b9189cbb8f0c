"""Run in an environment of its own, as the venue's Python examples do it: solders signs, base58 encodes, requests and websockets send.

Reads one JSON object from stdin (rest, ws, key, account, actions), prints the answers as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from typing import Any

import base58
import requests
import websockets
from solders.keypair import Keypair


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


def signed(job: dict[str, Any], kind: str, payload: dict[str, Any], timestamp: int | None = None) -> dict[str, Any]:
    header = {"timestamp": timestamp or int(time.time() * 1000), "expiry_window": 5000}
    text = json.dumps(ordered({**header, "type": kind, "data": payload}), separators=(",", ":"))
    pair = Keypair.from_base58_string(job["key"])
    signature = base58.b58encode(bytes(pair.sign_message(text.encode()))).decode()
    agent = {"agent_wallet": str(pair.pubkey())} if str(pair.pubkey()) != job["account"] else {}
    return {"account": job["account"], **agent, "signature": signature, **header, **payload}


async def over_socket(job: dict[str, Any], kind: str, payload: dict[str, Any]) -> Any:
    async with websockets.connect(job["ws"], ping_interval=30) as socket:
        await socket.send(json.dumps({"id": str(uuid.uuid4()), "params": {kind: signed(job, kind, payload)}}))
        return json.loads(await socket.recv())


def main() -> None:
    job = json.load(sys.stdin)
    answers = []
    for action in job["actions"]:
        if action["how"] == "sign":
            answers.append(signed(job, action["kind"], action["payload"], action["timestamp"]))
        elif action["how"] == "ws":
            answers.append(asyncio.run(over_socket(job, action["kind"], action["payload"])))
        else:
            response = requests.post(job["rest"] + action["path"], json=signed(job, action["kind"], action["payload"]), timeout=10)
            answers.append({"status": response.status_code, "body": response.json()})
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
