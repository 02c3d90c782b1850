"""Signing of exact bytes by several parties: in the system, by a detached signature, or on paper."""
