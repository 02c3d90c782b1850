"""Named points at which a crash test kills this process; inert unless the environment arms them.

`ARTEL_FAILPOINTS` names a folder. A process that reaches a point for which a file
`<service>.<point>` lies there takes the file away and kills itself without any clean-up, so
each armed file fires once and the process that is started next runs on.
"""

import os
import signal
from pathlib import Path

COMMIT_BEFORE_ANSWER = "commit-before-answer"
COMMIT_BEFORE_PUBLISH = "commit-before-publish"
PUBLISH_BEFORE_MARK = "publish-before-mark"
EFFECT_BEFORE_ACK = "effect-before-ack"
ROUND_BEFORE_COMMIT = "round-before-commit"
"""A round of work on an import is done and not yet committed."""
WRITE_BEFORE_COMMIT = "write-before-commit"

_folder = os.environ.get("ARTEL_FAILPOINTS")


def reach(service: str, point: str) -> None:
    """Says that the service is at the point; does not come back when a test armed it."""
    if _folder is None:
        return
    armed = Path(_folder) / f"{service}.{point}"
    try:
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
