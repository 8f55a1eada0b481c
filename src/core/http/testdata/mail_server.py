"""A mail server by other people (aiosmtpd), for tests: mail_server.py [CERTIFICATE KEY USER PASSWORD]. Prints its port, then each mail that it
took as a line of JSON; ends when its input does. With a certificate it takes nothing before STARTTLS and the password.

Recipients choose what goes wrong: gone@ is refused, full@ is refused once all was said, cut@ breaks the connection then and keeps the mail, slow@ keeps it and
says so three seconds later, echo@ is refused with the password in the reply."""
import asyncio, email, email.policy, json, os, ssl, sys, threading

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 5.1.1 nobody of that name \x1b[31mhere"
        if address.startswith("echo@"):
            return f"550 5.7.1 {sys.argv[4]} does not help"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        first = envelope.rcpt_tos[0]
        if first.startswith("full@"):
            return "452 4.2.2 the box is full"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "id": message["Message-ID"],
            "subject": message["Subject"],
            "text": message.get_content().replace("\r\n", "\n"),
            "defects": [str(defect) for defect in message.defects],
            "tls": session.ssl is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
        }), flush=True)
        if first.startswith("cut@"):
            server.transport.abort()
        if first.startswith("slow@"):
            await asyncio.sleep(3)
        return "250 OK"


def sign_in(server, session, envelope, mechanism, data):
    good = data.login == sys.argv[3].encode() and data.password == sys.argv[4].encode()
    return AuthResult(success=True, auth_data=data) if good else AuthResult(success=False, handled=False, message="535 5.7.8 wrong")


def protocol():
    if len(sys.argv) < 5:
        return SMTP(Handler())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    return SMTP(Handler(), tls_context=context, require_starttls=True, authenticator=sign_in, auth_required=True)


async def serve():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(serve())
