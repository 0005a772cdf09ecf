"""A mail server that keeps what it is given, for tests.

Its only argument is a JSON object: tls (none, starttls, implicit), certificate and key (files), user and password (then
it insists on them), and answers, a list for each of MAIL, RCPT and DATA of what to say first instead of "250". It
prints its port, then, for each line on standard input, one JSON array of all mails so far. It ends with its input.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

OPTIONS = json.loads(sys.argv[1])
MAILS = []

# Refused certificates and odd configurations are what the tests are about.
logging.disable()
warnings.simplefilter("ignore")


class Keep:
    def scripted(self, verb):
        waiting = OPTIONS.get("answers", {}).get(verb, [])
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        answer = self.scripted("MAIL")
        if not answer:
            envelope.mail_from = address
            envelope.mail_options.extend(mail_options)
        return answer or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        answer = self.scripted("RCPT")
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.scripted("DATA")
        if answer:
            return answer
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        MAILS.append(
            {
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "hello": session.host_name,
                "encrypted": session.ssl is not None or OPTIONS["tls"] == "implicit",
                "user": getattr(session, "user", None),
                "headers": [[name, str(value)] for name, value in mail.items()],
                "parts": {
                    part.get_content_type(): part.get_content().replace("\r\n", "\n").rstrip("\n")
                    for part in mail.walk()
                    if not part.is_multipart()
                },
                "raw": envelope.content.decode("latin-1"),
            }
        )
        return "250 2.0.0 queued as 4F2A"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (
        OPTIONS["user"],
        OPTIONS["password"],
    )
    if right:
        session.user = data.login.decode()
    return AuthResult(success=right, handled=right)


async def main():
    context = None
    if OPTIONS["tls"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(OPTIONS["certificate"], OPTIONS["key"])
    wants_password = "user" in OPTIONS

    def protocol():
        return SMTP(
            Keep(),
            hostname="sink.localhost",
            enable_SMTPUTF8=OPTIONS.get("smtputf8", False),
            tls_context=context if OPTIONS["tls"] == "starttls" else None,
            require_starttls=OPTIONS["tls"] == "starttls",
            auth_required=wants_password,
            auth_require_tls=OPTIONS["tls"] == "starttls",
            authenticator=authenticate if wants_password else None,
        )

    implicit = context if OPTIONS["tls"] == "implicit" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(MAILS), flush=True)


asyncio.run(main())
