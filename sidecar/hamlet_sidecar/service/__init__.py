"""The HTTP side: what the api asks of a sidecar."""
