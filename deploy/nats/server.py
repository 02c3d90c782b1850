"""How a NATS server in a container serves and stores; who may do what stands in config.py."""

CLUSTER = "artel"


def server_name(number: int) -> str:
    """The name of a server of a cluster, which is also its container's."""
    return f"nats-{number}"


def configuration(servers: int = 1) -> str:
    """The server's own part of its configuration; each of several finds the others by name.

    `sync_interval: always`: no acknowledged message is lost when the machine loses power.
    """
    return f"""server_name: $NATS_NAME
listen: "0.0.0.0:4222"
http: "0.0.0.0:8222"
jetstream {{
  store_dir: "/data/store"
  sync_interval: always
  max_file_store: 4GB
  max_memory_store: 64MB
}}
{_cluster(servers) if servers > 1 else ""}"""


def _cluster(servers: int) -> str:
    routes = " ".join(f"nats://{server_name(number)}:6222" for number in range(1, servers + 1))
    return f"""cluster {{
  name: {CLUSTER}
  listen: "0.0.0.0:6222"
  routes: [ {routes} ]
}}
"""
