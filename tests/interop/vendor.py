"""A real provider in a folder of its own, and a person with a browser."""

import html.parser
import http.cookiejar
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EMAIL, PASSWORD = "ada@example.com", "seven ways to the sea"
# The one host that passport-optimizely has written into its code.
VENDORS_OWN_HOST = "api.optimizely.com"


def binary() -> str:
    if given := os.environ.get("RIGHTFUL"):
        return given
    subprocess.run(["cargo", "build", "--quiet", "-p", "rightful"], cwd=ROOT, check=True)
    return str(pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "rightful")


class Vendor:
    """`rightful provider`, with an account and its administrator."""

    def __init__(self, program: str, **settings: str):
        self.program = program
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="rightful-interop-"))
        self.port = _free_port()
        self.url = f"https://localhost:{self.port}"
        self.settings = {"TLS_HOSTS": VENDORS_OWN_HOST, "RATE_LIMIT": "10000/s", "RATE_BURST": "10000", **settings}

    def __enter__(self) -> "Vendor":
        try:
            return self._start()
        except BaseException:
            self.__exit__()
            raise

    def _start(self) -> "Vendor":
        self.account = self.command("account", "create", "--name", "Acme")["account_id"]
        self.command("user", "create", "--account", str(self.account), "--email", EMAIL, "--role", "administrator",
                     "--password-stdin", stdin=PASSWORD)
        self.personal_token = self.command("token", "create", "--email", EMAIL)["token"]
        self.log = (self.data / "provider.log").open("w")
        self.process = subprocess.Popen(
            [self.program, "provider", "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}",
             "--public-url", self.url], stdout=self.log, stderr=self.log, env=self._environment())
        self.ca = self.data / "ca.pem"
        for _ in range(300):
            if self.process.poll() is not None:
                sys.exit(f"the provider did not start:\n{(self.data / 'provider.log').read_text()}")
            try:
                self.person = Person(self)
                return self
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        sys.exit("the provider does not answer")

    def __exit__(self, *_) -> None:
        if hasattr(self, "process"):
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.data, ignore_errors=True)

    def _environment(self) -> dict:
        return {**os.environ, **{f"RIGHTFUL_{name}": value for name, value in self.settings.items()}}

    def command(self, *words: str, stdin: str = "") -> dict:
        """What `rightful provider …` answers."""
        command = [self.program, "provider", *words, "--data", str(self.data), "--json"]
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True, env=self._environment())
        if ran.returncode != 0:
            sys.exit(f"{' '.join(words)}: {ran.stderr}")
        return json.loads(ran.stdout)

    def application(self, name: str, client_type: str, callback: str) -> dict:
        return self.command("app", "create", "--account", str(self.account), "--name", name,
                            "--redirect-uri", callback, "--type", client_type)


class Person:
    """Somebody with a browser: keeps cookies, fills in forms, and does not follow redirects to other hosts."""

    def __init__(self, vendor: Vendor):
        self.url = vendor.url
        context = ssl.create_default_context(cafile=str(vendor.ca))
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _NoRedirect(),
        )
        self._visit(f"{self.url}/login")

    def authorize(self, url: str) -> str:
        """Logs in where that is asked, accepts, and returns where the application is answered."""
        answer = self._visit(url)
        while answer.location is None or answer.location.startswith(self.url):
            if answer.location:
                answer = self._visit(answer.location)
            elif form := answer.form("/login"):
                answer = self._send(form, email=EMAIL, password=PASSWORD)
            elif form := answer.form("/oauth2/consent/"):
                answer = self._send(form, decision="accept")
            else:
                sys.exit(f"no consent: {answer.status} {answer.text}")
        return answer.location

    def revoke(self, application: str) -> None:
        """Takes away what the application of this name was granted."""
        forms = self._visit(f"{self.url}/accountsettings/apps").forms
        self._send(next(form for form in forms if form.action and application in form.text))

    def _visit(self, url: str, data: bytes | None = None) -> "Page":
        try:
            response = self.opener.open(urllib.request.Request(url, data=data), timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        return Page(url, response.status, response.headers.get("Location"), response.read().decode())

    def _send(self, form: "Form", **fields: str) -> "Page":
        data = urllib.parse.urlencode({**form.hidden, **fields}).encode()
        return self._visit(urllib.parse.urljoin(self.url, form.action), data)


class Form:
    def __init__(self, action: str):
        self.action, self.hidden, self.text = action, {}, ""


class Page(html.parser.HTMLParser):
    def __init__(self, url: str, status: int, location: str | None, text: str):
        super().__init__()
        self.status, self.text, self.forms = status, text, []
        self.location = urllib.parse.urljoin(url, location) if location else None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and given.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[given["name"]] = given.get("value", "")

    def handle_data(self, data):
        if self.forms:
            self.forms[-1].text += data

    def handle_endtag(self, tag):
        # Text after a form is not its own.
        if tag == "form":
            self.forms.append(Form(""))

    def form(self, action: str) -> Form | None:
        return next((form for form in self.forms if form.action and form.action.startswith(action)), None)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
