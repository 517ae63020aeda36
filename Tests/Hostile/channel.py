"""How bytes reach the server: as they are, or by TLS."""
import ssl


class Plain:
    def __init__(self, loop, sock):
        self._loop, self._socket = loop, sock

    async def send(self, piece):
        await self._loop.sock_sendall(self._socket, piece)

    async def receive(self, count):
        return await self._loop.sock_recv(self._socket, count)


class TLS:
    """TLS over a socket that does not block; sending and receiving may go on at the same time."""

    def __init__(self, loop, sock, context):
        self._below = Plain(loop, sock)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")

    async def shake_hands(self):
        while True:
            try:
                self._tls.do_handshake()
                return await self._flush()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fetch():
                    raise ConnectionError("hung up on in the handshake") from None

    async def _flush(self):
        if piece := self._outgoing.read():
            await self._below.send(piece)

    async def _fetch(self):
        chunk = await self._below.receive(1 << 16)
        self._incoming.write(chunk)
        return bool(chunk)

    async def send(self, piece):
        self._tls.write(piece)
        await self._flush()

    async def receive(self, count):
        while True:
            try:
                return self._tls.read(count)
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fetch():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:  # an alert: the server's last word
                raise ConnectionError(str(error)) from None
