"""HTTP/2 over TLS: who is let in, and what a handshake may cost. Each probe has a server of its own."""
import asyncio
import ssl
import time

from certificates import certificates
from floods import cancelled, on
from frames import PREFACE, settings, window_update
from gateway import load
from peer import Failed, Peer
from probe import Probe
from server import own_server
from stalls import SLACK_SECONDS

HANDSHAKE_SECONDS = 10  # whatever the time scale: a limit of the reactor's
OLD = "DEFAULT:@SECLEVEL=0"


def serving(kit, mutual=False):
    return own_server(kit, *certificates().options(mutual))


async def serves(target, context):
    async with await Peer.open(target, tls=context) as peer:
        await peer.lives()


async def refuses(target, context):
    """No call is served: the handshake fails, or what comes after it is an alert."""
    try:
        peer = await Peer.connect(target, tls=context)
    except (ssl.SSLError, OSError):
        return
    async with peer:
        await peer.send(PREFACE, settings())
        await peer.until(lambda: peer.closed or peer.settings_acks)
        if not peer.closed or peer.settings is not None:
            raise Failed(f"expected the end of the handshake; seen: {peer}")


async def gateway(kit):
    """Our own gateway is known by its certificate: it may cancel all of its calls."""
    async with serving(kit, mutual=True) as server:
        async with await Peer.open(server.target, tls=certificates().client("gateway")) as peer:
            await peer.send(window_update(0, 1 << 30))
            await load(peer, calls_per_cancel=0)
            await peer.lives()


async def stranger_resets(kit):
    """Who has no certificate is held to the limit of resets, over TLS as well."""
    async with serving(kit) as server:
        async with await Peer.open(server.target, tls=certificates().client()) as peer:
            for first in range(0, 300, 40):
                await peer.send(*on(cancelled, 40, 1 + 2 * first))
                if not peer.over:
                    await peer.until(lambda: peer.over, 0.05)
            await peer.ends()
        await serves(server.target, certificates().client())


async def wrong_certificates(kit):
    async with serving(kit, mutual=True) as server:
        await refuses(server.target, certificates().client())
        await refuses(server.target, certificates().client("impostor"))
        await serves(server.target, certificates().client("gateway"))


async def wrong_protocol(kit):
    async with serving(kit) as server:
        await refuses(server.target, certificates().client(protocols=("spdy/3", "h3")))
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            old = certificates().client()
            old.set_ciphers(OLD)
            old.minimum_version, old.maximum_version = version, version
            await refuses(server.target, old)
        for weak in ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"):
            context = certificates().client()
            context.set_ciphers(f"{weak}:@SECLEVEL=0")
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            await refuses(server.target, context)
        last = certificates().client()
        last.maximum_version = ssl.TLSVersion.TLSv1_2
        await serves(server.target, last)


async def renegotiation(kit):
    """TLS 1.2 lets a client ask for a new handshake at any time, which costs the server more."""
    async with serving(kit) as server:
        host, port = server.target
        client = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2", "-alpn", "h2",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        try:
            await asyncio.sleep(0.5)
            client.stdin.write(b"R\n")
            said, _ = await asyncio.wait_for(client.communicate(), 5)
        except TimeoutError:
            raise Failed("the client still waits for an answer to its new handshake") from None
        finally:
            if client.returncode is None:
                client.kill()
        if b"RENEGOTIATING" not in said or b"no renegotiation" not in said:
            raise Failed(f"expected the refusal of a new handshake; seen: {said[-300:]!r}")
        await serves(server.target, certificates().client())


async def client_hello(target):
    """The first bytes of a handshake, as a client sends them."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = certificates().client().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


async def slow_handshakes(kit):
    """Silence, half a greeting, one that comes byte by byte, and one that is never gone on with."""
    async with serving(kit) as server:
        hello = await client_hello(server.target)

        async def one(first, drip):
            async with await Peer.connect(server.target, http1=True) as peer:
                began = time.monotonic()
                await peer.send(first)
                for index in range(10 * (HANDSHAKE_SECONDS + 2)):
                    if await peer.until(lambda: peer.closed, 0.1):
                        break
                    await peer.send(drip[index:index + 1])
                waited = time.monotonic() - began
                if not peer.closed or not 0.7 <= waited / HANDSHAKE_SECONDS <= 1 + SLACK_SECONDS / HANDSHAKE_SECONDS:
                    raise Failed(f"the limit is {HANDSHAKE_SECONDS} s; {waited:.1f} s passed; seen: {peer}")

        await asyncio.gather(one(b"", b""), one(hello[:50], b""), one(hello[:50], hello[50:]), one(hello, b""))
        await serves(server.target, certificates().client())


async def no_handshakes(kit):
    """Bytes that are none, and hanging up at every stage."""
    async with serving(kit) as server:
        hello = await client_hello(server.target)
        for first in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", PREFACE + settings(), b"\x16\x03\x01\xff\xff" * 20_000,
                      b"\x16\x03\x01\x00\x00" * 1000, b"\x15\x03\x03\x00\x02\x01\x00" * 1000):
            async with await Peer.connect(server.target, http1=True) as peer:
                await peer.send(first)
                if not await peer.until(lambda: peer.closed):
                    raise Failed(f"{first[:20]!r} should be hung up on; seen: {peer}")
        for index in range(200):
            async with await Peer.connect(server.target, reads=False) as peer:
                await peer.send(hello[:index * 3])
        await serves(server.target, certificates().client())


def probes():
    yield Probe("gateway", "mutual TLS: 1,000 cancelled calls a second are borne", gateway, alone=True)
    yield Probe("tls", "without a certificate resets are bounded", stranger_resets)
    yield Probe("tls", "mutual TLS: no certificate, and one of another authority", wrong_certificates)
    yield Probe("tls", "old versions, weak suites and unknown protocols", wrong_protocol)
    yield Probe("tls", "renegotiation is refused", renegotiation)
    yield Probe("tls", "handshakes that are none, and 200 hang-ups", no_handshakes)
    yield Probe("time", "handshakes that never end", slow_handshakes)
