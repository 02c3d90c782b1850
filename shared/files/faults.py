"""Why a file is not taken, or not let go."""

from shared.refusal import Refusal


class FileIsMissing(Refusal):
    """The request carries no file."""

    status = 422
    code = "file-missing"


class FileTypeIsNotTaken(Refusal):
    """Files of this type are not taken here."""

    status = 422
    code = "file-type-not-taken"


class FileIsDamaged(Refusal):
    """The file is damaged, has a password, or is not what it seems to be."""

    status = 422
    code = "file-damaged"


class FileHasMacros(Refusal):
    """The file holds a program (macros): save it without one."""

    status = 422
    code = "file-has-macros"


class FileIsInfected(Refusal):
    """The virus scanner does not let this file through."""

    status = 422
    code = "file-infected"


class FileIsTooLarge(Refusal):
    """The file is larger than is taken here."""

    status = 413
    code = "file-too-large"


class TooManyFiles(Refusal):
    """Many files were brought in and are used for nothing yet: use or delete some."""

    code = "too-many-files"


class FileIsUsed(Refusal):
    """Something rests on this file, so it stays."""

    code = "file-used"
