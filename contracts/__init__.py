"""The only words the services share: facts that one of them tells and others hear."""
