"""Who may do what on NATS: one user per service with the least rights, made from the contracts."""

import json
from collections.abc import Mapping

from contracts.topology import SERVICES, durable_of, publishers_heard_by, stream_of

PROVISIONER = "provisioner"
"""The only one who makes streams and consumers."""

OPERATOR = "system"
"""Sees the server itself, in the account SYS; no message of the services."""

USERS = (*SERVICES, PROVISIONER, OPERATOR)


def authorization(passwords: Mapping[str, str]) -> str:
    """The part of the server's configuration that names its users; a password for each of USERS."""
    services = "\n".join(_service_user(service, passwords[service]) for service in SERVICES)
    return f"""system_account: SYS
accounts {{
  SYS {{
    users: [ {{ user: {OPERATOR}, password: {_text(passwords[OPERATOR])} }} ]
  }}
  APP {{
    jetstream: enabled
    default_permissions: {{ publish: {{ deny: ">" }}, subscribe: {{ deny: ">" }} }}
    users: [
{services}
      {{
        user: {PROVISIONER}, password: {_text(passwords[PROVISIONER])}
        permissions: {{ publish: {{ allow: ">" }}, subscribe: {{ allow: ">" }} }}
      }}
    ]
  }}
}}
"""


def may_publish(service: str) -> list[str]:
    """Its own facts, and what a client asks JetStream to hear those of others."""
    own = [f"{service}.>", f"$JS.API.STREAM.INFO.{stream_of(service)}"]
    listening = [
        subject
        for stream in map(stream_of, publishers_heard_by(service))
        for subject in _consumer_subjects(stream, durable_of(service))
    ]
    return own + listening


def may_subscribe(service: str) -> list[str]:
    """Answers to its own requests only; its clients use this as their inbox prefix."""
    return [f"{inbox_prefix(service)}.>"]


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


def _service_user(service: str, password: str) -> str:
    return f"""      {{
        user: {service}, password: {_text(password)}
        permissions: {{
          publish: {{ allow: {json.dumps(may_publish(service))} }}
          subscribe: {{ allow: {json.dumps(may_subscribe(service))} }}
        }}
      }}"""


def _text(password: str) -> str:
    return json.dumps(password, ensure_ascii=False)
