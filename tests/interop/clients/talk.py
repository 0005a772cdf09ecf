"""How a client talks with the run: a line of JSON each way."""

import importlib.metadata
import json
import sys

import requests

given = json.loads(sys.stdin.readline())


def say(**what) -> None:
    print(json.dumps(what), flush=True)


def ask(**what):
    say(**what)
    return json.loads(sys.stdin.readline())


def use(package: str) -> None:
    say(version=importlib.metadata.version(package))


def url(path: str) -> str:
    return given["issuer"] + path


def same(one, other) -> None:
    if one != other:
        raise AssertionError(f"{one!r} is not {other!r}")


def refused_at_the_api(token: str) -> bool:
    answer = requests.get(url("/v2/me"), headers={"Authorization": f"Bearer {token}"}, timeout=30)
    same(answer.json()["code"], "authentication_failed")
    return answer.status_code == 403
