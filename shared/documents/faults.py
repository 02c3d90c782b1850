"""Why no document comes of a template."""

from shared.refusal import Refusal


class TemplateIsWrong(Refusal):
    """No document can be made of this template."""

    status = 422
    code = "template-wrong"


class TemplateTakesTooMuch(Refusal):
    """Making a document of this template takes more time or room than there is."""

    status = 422
    code = "template-takes-too-much"


class DocumentIsTooLarge(Refusal):
    """The document would be larger than is kept here."""

    status = 422
    code = "document-too-large"
