"""Why a signature is not taken."""

from shared.refusal import Refusal


class HasSigned(Refusal):
    """This party has signed already."""

    code = "has-signed"


class OthersSignFirst(Refusal):
    """Another party signs before you."""

    code = "others-sign-first"


class SigningIsOver(Refusal):
    """Nothing is signed here any more."""

    code = "signing-over"


class SignedTextDiffers(Refusal):
    """What was read is not what is to be signed: read it again."""

    code = "signed-text-differs"


class SignatureIsWrong(Refusal):
    """The signature in this file is none of this document, or of nobody who is trusted here."""

    status = 422
    code = "signature-wrong"


class SignaturesAreNotChecked(Refusal):
    """This installation checks no detached signatures: sign in the system or on paper."""

    code = "signatures-not-checked"
