"""Runs in an environment that holds lighter-sdk: signs the calls it reads (JSON lines) with the official native library, through ctypes.

A call is {"key": hex, "chain": n, "account": n, "key_index": n, "call": name, "arguments": [...]}; `orders` of a group come as lists.
Every answer is a JSON line with what the library gave: type, info, hash, message or error; for auth tokens `token`.
"""

import ctypes
import importlib.util
import json
import pathlib
import platform
import sys

i8, i32, i64, u8, u32, u64, text = (
    ctypes.c_int8,
    ctypes.c_int,
    ctypes.c_longlong,
    ctypes.c_uint8,
    ctypes.c_uint32,
    ctypes.c_ulonglong,
    ctypes.c_char_p,
)


class Signed(ctypes.Structure):
    _fields_ = [("type", u8), ("info", text), ("hash", text), ("message", text), ("err", text)]


class Text(ctypes.Structure):
    _fields_ = [("value", text), ("err", text)]


class Order(ctypes.Structure):
    _fields_ = [
        ("MarketIndex", i64),
        ("ClientOrderIndex", i64),
        ("BaseAmount", i64),
        ("Price", u32),
        ("IsAsk", u8),
        ("Type", u8),
        ("TimeInForce", u8),
        ("ReduceOnly", u8),
        ("TriggerPrice", u32),
        ("OrderExpiry", i64),
    ]


# the header of lighter-sdk 1.1.8; every call ends with nonce, key index, account unless it says otherwise
TAIL = [u8, i64, i32, i64]
FEES = [i64, i32, i32, u8, u8]
CALLS = {
    "SignCreateOrder": [i64, i64, i64, i32, i32, i32, i32, i32, i32, i64, *FEES, *TAIL],
    "SignCreateGroupedOrders": [u8, ctypes.POINTER(Order), i32, *FEES, *TAIL],
    "SignCancelOrder": [i64, i64, *TAIL],
    "SignCancelAllOrders": [i32, i64, i64, *TAIL],
    "SignModifyOrder": [i64, i64, i64, i64, i64, *FEES, u8, i64, i64, i32, i64],
    "SignUpdateLeverage": [i64, i32, i32, *TAIL],
    "SignUpdateMargin": [i64, i64, i32, *TAIL],
    "SignWithdraw": [i32, i32, u64, *TAIL],
    "SignTransfer": [i64, ctypes.c_int16, u8, u8, i64, i64, text, *TAIL],
    "SignChangePubKey": [text, *TAIL],
    "SignCreateSubAccount": TAIL,
    "SignUpdateAccountConfig": [u8, *TAIL],
}


def library():
    folder = pathlib.Path(importlib.util.find_spec("lighter").origin).parent / "signers"
    machine = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "amd64"
    system = {"Darwin": "darwin", "Windows": "windows"}.get(platform.system(), "linux")
    suffix = {"darwin": "dylib", "windows": "dll"}.get(system, "so")
    lib = ctypes.CDLL(str(folder / f"lighter-signer-{system}-{machine}.{suffix}"))
    for name, arguments in CALLS.items():
        getattr(lib, name).argtypes, getattr(lib, name).restype = arguments, Signed
    lib.CreateClient.argtypes, lib.CreateClient.restype = [text, text, i32, i32, i64], text
    lib.CreateAuthToken.argtypes, lib.CreateAuthToken.restype = [i64, i32, i64], Text
    return lib


def answer(lib, call):
    who = (call["key_index"], call["account"])
    error = lib.CreateClient(b"http://127.0.0.1:9", call["key"].encode(), call["chain"], *who)
    if error:
        return {"err": error.decode()}
    if call["call"] == "CreateAuthToken":
        got = lib.CreateAuthToken(*call["arguments"], *who)
        return {"token": got.value and got.value.decode(), "err": got.err and got.err.decode()}
    arguments = [a.encode() if isinstance(a, str) else a for a in call["arguments"]]
    if call["call"] == "SignCreateGroupedOrders":
        arguments = [arguments[0], (Order * len(arguments[1]))(*[Order(*o) for o in arguments[1]]), len(arguments[1]), *arguments[2:]]
    got = getattr(lib, call["call"])(*arguments, *who)
    decoded = {name: value and value.decode() for name in ("info", "hash", "message", "err") for value in [getattr(got, name)]}
    return {"type": got.type, **decoded}


if __name__ == "__main__":
    signer = library()
    for line in sys.stdin:
        print(json.dumps(answer(signer, json.loads(line))), flush=True)
