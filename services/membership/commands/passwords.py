"""Passwords are kept as argon2id. Hashing burns a core, so two threads do it and no more."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$fe2/P6tuj6OnSPpUCSmYlg"
    "$k/QfH40rzmnBmXrVcaVXPDc4RSX0BGKqOpM3aJjhhW0"
)
"""Verified when there is no account, so that the answer takes as long as when there is one."""

_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")


async def hash_of(password: str) -> str:
    """The hash to keep, with a salt of its own."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, HASHER.hash, password)


async def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; for None it never is."""
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, _verify, password_hash or NOBODYS, password
    ) and (password_hash is not None)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):  # the latter of one who was erased
        return False
