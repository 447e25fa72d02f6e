"""The embedded local AWS: an emulator in a child process, on loopback only."""
