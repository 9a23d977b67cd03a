"""Certificates of an authority of the tests' own."""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Signs certificates; `file` is what those who trust it are given."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        path = self.folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server_context(self, host: str) -> ssl.SSLContext:
        """TLS as the server called `host` speaks it."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(
            host, key, issuer=self.certificate.subject, signed_with=self.key
        )
        chain = self.folder / f"{host}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def make_authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    certificate = _certificate(None, key, issuer=name, signed_with=key)
    return Authority(folder=folder, key=key, certificate=certificate)


def _certificate(
    host: str | None,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    signed_with: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Of the server `host`, or of an authority where that is None; good for a day."""
    subject = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]) if host else issuer
    )
    today = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - day)
        .not_valid_after(today + day)
        .add_extension(
            x509.BasicConstraints(ca=host is None, path_length=None), critical=True
        )
    )
    if host is not None:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
        )
    return builder.sign(signed_with, hashes.SHA256())
