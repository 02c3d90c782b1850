"""The whole installation in one box: real servers, all services, one command, no Docker."""
