"""One use case a module. Collaborators arrive as Protocols declared in the same file."""
