"""Who may do what on NATS: one user per service with the least rights, made from the contracts."""

import json
from collections.abc import Mapping

from contracts.asked import answered_by, asked_by
from contracts.topology import (
    PORTAL,
    SERVICES,
    durable_of,
    filter_of_watcher,
    publishers_heard_by,
    stream_of,
    streams_watched,
)

PROVISIONER = "provisioner"
"""The only one who makes streams and consumers."""

OPERATOR = "system"
"""Sees the server itself, in the account SYS; no message of the services."""

USERS = (*SERVICES, PORTAL, PROVISIONER, OPERATOR)


def authorization(passwords: Mapping[str, str]) -> str:
    """The part of the server's configuration that names its users; a password for each of USERS."""
    users = [
        *(
            _user(service, passwords[service], allow=may_publish(service), deny=[])
            for service in SERVICES
        ),
        _user(
            PORTAL, passwords[PORTAL], allow=portal_may_publish(), deny=portal_must_not_publish()
        ),
    ]
    named = "\n".join(users)
    return f"""system_account: SYS
accounts {{
  SYS {{
    users: [ {{ user: {OPERATOR}, password: {_text(passwords[OPERATOR])} }} ]
  }}
  APP {{
    jetstream: enabled
    default_permissions: {{ publish: {{ deny: ">" }}, subscribe: {{ deny: ">" }} }}
    users: [
{named}
      {{
        user: {PROVISIONER}, password: {_text(passwords[PROVISIONER])}
        permissions: {{ publish: {{ allow: ">" }}, subscribe: {{ allow: ">" }} }}
      }}
    ]
  }}
}}
"""


def may_publish(service: str) -> list[str]:
    """Its own facts, its own questions, and what a client asks JetStream to hear others' facts."""
    own = [f"{service}.>", f"$JS.API.STREAM.INFO.{stream_of(service)}"]
    listening = [
        subject
        for stream in map(stream_of, publishers_heard_by(service))
        for subject in _consumer_subjects(stream, durable_of(service))
    ]
    return [*own, *asked_by(service), *listening]


def portal_may_publish() -> list[str]:
    """What a client asks JetStream to read the watched streams with a consumer of its own.

    A consumer's name is one token, of which rights cannot name the beginning: any name is allowed,
    and those of the services are taken out again. The filter stands behind the name, so a consumer
    without the stream's filter cannot be made; nor by the older requests, which would let the name
    of a service's consumer stand in their body. Nothing is acknowledged.
    """
    return [
        subject
        for stream in streams_watched()
        for subject in (
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.*.{filter_of_watcher(stream)}",
            f"$JS.API.CONSUMER.INFO.{stream}.*",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
            f"$JS.API.CONSUMER.DELETE.{stream}.*",
        )
    ]


def portal_must_not_publish() -> list[str]:
    """Whatever names the durable consumer of a service, also one that is not there yet."""
    return [
        subject
        for stream in streams_watched()
        for durable in map(durable_of, SERVICES)
        for subject in (
            f"$JS.API.CONSUMER.CREATE.{stream}.{durable}.>",
            f"$JS.API.CONSUMER.*.{stream}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}",
        )
    ]


def may_subscribe(service: str) -> list[str]:
    """Answers to its own requests, and the questions that it answers; no fact."""
    return [f"{inbox_prefix(service)}.>", *answered_by(service)]


def inbox_prefix(service: str) -> str:
    """The prefix of the inboxes that the service's clients must use."""
    return f"_INBOX_{service}"


def _consumer_subjects(stream: str, durable: str) -> list[str]:
    return [
        f"$JS.API.CONSUMER.INFO.{stream}.{durable}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}",
        f"$JS.ACK.{stream}.{durable}.>",
        f"$JS.ACK.*.*.{stream}.{durable}.>",  # the newer form, with domain and account
    ]


def _user(name: str, password: str, *, allow: list[str], deny: list[str]) -> str:
    return f"""      {{
        user: {name}, password: {_text(password)}
        permissions: {{
          publish: {{ allow: {json.dumps(allow)}, deny: {json.dumps(deny)} }}
          subscribe: {{ allow: {json.dumps(may_subscribe(name))} }}{_responses(name)}
        }}
      }}"""


def _responses(name: str) -> str:
    """Who answers questions may answer each once, soon, and otherwise publish to no inbox."""
    if not answered_by(name):
        return ""
    return '\n          allow_responses: { max: 1, expires: "10s" }'


def _text(password: str) -> str:
    return json.dumps(password, ensure_ascii=False)
