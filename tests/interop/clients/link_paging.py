"""Pages as a published client of the vendor does (optimizelyapi 0.6): on while `Link` has the text rel=last, unquoted."""

import requests
from talk import given, refused_at_the_api, same, say, url

headers = {"Authorization": f"Bearer {given['personal_token']}"}
sars = url("/v2/subject-access-requests")
for number in range(7):
    body = {"request_type": "access", "data_type": "visitor", "identifier_type": "email", "identifier": f"p{number}@example.com"}
    made = requests.post(sars, json=body, headers=headers, timeout=30)
    same((made.status_code, made.json()["identifier"]), (201, f"p{number}@example.com"))

page, found = 1, []
while True:
    answer = requests.get(f"{sars}?per_page=3&page={page}", headers=headers, timeout=30)
    found += answer.json()
    if "Link" not in answer.headers or "rel=last" not in answer.headers["Link"]:
        break
    page += 1
same((page, len({one["id"] for one in found})), (3, 7))
# requests reads the header by RFC 8288, and comes to the same pages.
following, count = f"{sars}?per_page=3", 0
while following:
    answer = requests.get(following, headers=headers, timeout=30)
    count += len(answer.json())
    following = answer.links.get("next", {}).get("url")
same(count, 7)
me = requests.get(url("/v2/me"), headers=headers, timeout=30).json()
say(version=requests.__version__, me=me["profile"]["email"] == "ada@example.com")
say(refused=refused_at_the_api("never-issued"))
