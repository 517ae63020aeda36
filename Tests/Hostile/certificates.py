"""Keys and certificates for the probes of TLS, made anew for each run."""
import functools
import pathlib
import ssl
import subprocess
import tempfile

AUTHORITIES = ("authority", "stranger")
NAMES = {"server": "authority", "gateway": "authority", "impostor": "stranger"}
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificates:
    def __init__(self, folder):
        self._folder = pathlib.Path(folder.name)
        self._kept = folder  # it goes with this object
        for name in AUTHORITIES:
            self._openssl("req", "-x509", *CURVE, "-days", "2", "-subj", f"/CN={name}",
                          "-keyout", self.key(name), "-out", self.chain(name))
        names = self._folder / "names"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        for name, authority in NAMES.items():
            request = self._folder / "request"
            self._openssl("req", *CURVE, "-subj", f"/CN={name}", "-keyout", self.key(name), "-out", request)
            self._openssl("x509", "-req", "-in", request, "-CA", self.chain(authority), "-CAkey", self.key(authority),
                          "-CAcreateserial", "-days", "2", "-extfile", names, "-out", self.chain(name))

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def chain(self, name):
        return self._folder / f"{name}.pem"

    def key(self, name):
        return self._folder / f"{name}.key"

    def options(self, mutual):
        """What makes the server speak TLS."""
        options = ["--tls", "--certificate", str(self.chain("server")), "--key", str(self.key("server"))]
        return options + (["--client-authority", str(self.chain("authority"))] if mutual else [])

    def client(self, name=None, protocols=("h2",)):
        """A client's context, with a certificate or without."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.chain("authority"))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if name:
            context.load_cert_chain(self.chain(name), self.key(name))
        return context


@functools.cache
def certificates():
    return Certificates(tempfile.TemporaryDirectory())
