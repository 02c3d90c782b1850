"""Membership: who takes part in the cluster, who acts for whom, and which agreements bind whom."""
