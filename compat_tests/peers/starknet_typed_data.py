"""Runs in an environment that holds starknet-py: answers what it reads (JSON lines) with what that library gives.

{"typed": {...}, "account": n} -> {"hash": n, "type": text of the primary type} or {"refused": name of the exception};
{"address": [class hash, calldata, salt]} -> n; {"verify": [hash, r, s, public]} -> bool; {"pedersen": [...]} and {"poseidon": [...]} -> n.
"""

import json
import sys

from poseidon_py.poseidon_hash import poseidon_hash_many
from starknet_py.hash.address import compute_address
from starknet_py.hash.utils import compute_hash_on_elements, verify_message_signature
from starknet_py.utils.typed_data import TypedData


def typed(request):
    try:
        data = TypedData.from_dict(request["typed"])
        return {"hash": data.message_hash(request["account"]), "type": data._encode_type(data.primary_type)}
    except Exception as error:
        return {"refused": type(error).__name__, "why": str(error)[:200]}


def answer(request):
    kind = next(iter(request))
    argument = request[kind]
    if kind == "typed":
        return typed(request)
    if kind == "address":
        class_hash, calldata, salt = argument
        return compute_address(class_hash=class_hash, constructor_calldata=calldata, salt=salt)
    if kind == "verify":
        message, r, s, public = argument
        return verify_message_signature(message, [r, s], public)
    return {"pedersen": compute_hash_on_elements, "poseidon": poseidon_hash_many}[kind](argument)


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
