"""moto's server, whose AWS KMS signs digests too.

moto 5 takes `MessageType: DIGEST` and hashes the digest once more; the service signs it as it is. Takes the arguments of
`python3 -m moto.server`, and needs PYTHONPATH as that does.
"""

import contextvars

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.kms import responses, utils
from moto.server import main

message_type = contextvars.ContextVar("message_type", default="RAW")


def signing(original):
    def sign(self):
        message_type.set(self._get_param("MessageType") or "RAW")
        return original(self)

    return sign


def ecdsa(original):
    def sign(self, message, signing_algorithm):
        if message_type.get() != "DIGEST":
            return original(self, message, signing_algorithm)
        hashed = self._ECDSAPrivateKey__hash_algorithm(signing_algorithm)
        return self.private_key.sign(message, ec.ECDSA(Prehashed(hashed)))

    return sign


def rsa(original):
    def sign(self, message, signing_algorithm):
        if message_type.get() != "DIGEST":
            return original(self, message, signing_algorithm)
        pad, hashed = self._RSAPrivateKey__padding_and_hash_algorithm(signing_algorithm)
        return self.private_key.sign(message, pad, Prehashed(hashed))

    return sign


responses.KmsResponse.sign = signing(responses.KmsResponse.sign)
utils.ECDSAPrivateKey.sign = ecdsa(utils.ECDSAPrivateKey.sign)
utils.RSAPrivateKey.sign = rsa(utils.RSAPrivateKey.sign)
main()
