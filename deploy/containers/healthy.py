"""Whether the container does its work: `healthy.py <path>` asks the service, `healthy.py` a file's age.

Run by its path and without anything of ours, since it is asked every few seconds.
"""

import http.client
import os
import sys
import time

SEEN = "/tmp/provisioned"  # noqa: S108 - a memory of the container alone
FRESH_SECONDS = 15


def main() -> int:
    """0 when healthy, else 1 and why."""
    if len(sys.argv) == 1:
        return int(time.time() - os.stat(SEEN).st_mtime > FRESH_SECONDS)
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    connection.request("GET", sys.argv[1])
    answer = connection.getresponse()
    print(answer.read(500).decode())
    return int(answer.status != 200)


if __name__ == "__main__":
    sys.exit(main())
