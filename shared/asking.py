"""Questions over the bus: one service asks another at the moment it needs to, and keeps nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import BaseModel, ValidationError

from contracts.asked import Question
from shared import bus, log
from shared.database import Database, Transaction

ASK_SECONDS = 3.0

logger = log.get(__name__)

QuestionT = TypeVar("QuestionT", bound=Question)
AnswerT = TypeVar("AnswerT", bound=BaseModel)
Answer = Callable[[Any, Transaction], Awaitable[BaseModel | None]]


class Unanswered(Exception):
    """Whoever was asked did not answer in time; ask again later."""


class Answers:
    """The register of what a service answers."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.handlers: dict[str, tuple[type[Question], Answer]] = {}

    def on(self, question: type[QuestionT]) -> Callable[[Answer], Answer]:
        """Registers who answers a question; the contract must name the service for it."""

        def register(handler: Answer) -> Answer:
            if question.answerer != self.service:
                raise TypeError(f"{question.subject} is answered by {question.answerer}")
            self.handlers[question.subject] = (question, handler)
            return handler

        return register


async def answer(database: Database, client: Client, answers: Answers) -> None:
    """Answers until it is stopped; a question that cannot be answered is left to be asked again."""
    subscriptions = [
        await client.subscribe(subject, queue=answers.service, pending_msgs_limit=1000)
        for subject in answers.handlers
    ]
    await asyncio.gather(
        *(_answer_each(database, subscription, answers) for subscription in subscriptions)
    )


async def _answer_each(database: Database, subscription: Any, answers: Answers) -> None:
    async for message in subscription.messages:
        question, handler = answers.handlers[message.subject]
        try:
            asked = question.model_validate_json(message.data)
            async with database.transaction(read_only=True) as tx:
                found = await handler(asked, tx)
            await message.respond(b"null" if found is None else found.model_dump_json().encode())
        except Exception as error:  # whatever it is, the next question is answered
            logger.warning("not answered", subject=message.subject, error=log.words(error))


class Asker:
    """Asks for one service; it connects when the first question is asked."""

    def __init__(self, service: str, url: str) -> None:
        self._service = service
        self._url = url
        self._bus: Client | None = None

    async def ask(self, question: Question, answer: type[AnswerT]) -> AnswerT | None:
        """The answer, None where there is nothing to say; raises Unanswered."""
        body = question.model_dump_json().encode()
        try:
            if self._bus is None:
                self._bus = await bus.connect(self._service, self._url)
            reply = await self._bus.request(question.subject, body, timeout=ASK_SECONDS)
            return None if reply.data == b"null" else answer.model_validate_json(reply.data)
        except (NatsError, ValidationError, OSError, TimeoutError) as error:
            raise Unanswered(type(error).__name__) from None

    async def close(self) -> None:
        """Closes the connection."""
        if self._bus is not None:
            client, self._bus = self._bus, None
            await client.close()
