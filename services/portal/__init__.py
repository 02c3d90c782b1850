"""The portal: the one information space of the cluster, as web pages (R3.4)."""
