"""Notices: what people are told, where and when they want it; it keeps nobody's address."""
